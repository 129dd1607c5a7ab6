import type { ExecutionResult } from 'graphql';
import type { Bindings } from '../graph.ts';
import type { Field, Plan, RowGroup, Selection, Values } from '../plan/plan.ts';
import { buildResponse, nullsResponse } from './build-response.ts';
import { EntityJoin } from './entity-join.ts';
import { FieldExecution } from './field-execution.ts';
import { PlanExecution } from './plan-execution.ts';

/** Executes a selection for a row group: the fields of the rows' own module and, in parallel, the joins. */
export const runSelection = (execution: PlanExecution, selection: Selection, group: RowGroup): void => {
  const { answers, own, joins } = selection;
  execution.takeFields(answers.size * group.results.length);
  if (joins.length > 0) new EntityJoin(execution, selection, runSelection, group).execute();
  else
    for (const field of group.arePlainFieldsSet ? own.otherFields : own.fields)
      new FieldExecution(execution, field, runSelection).execute(group.values, group.results);
};

const isField = (answer: Field | string): answer is Field => typeof answer !== 'string';

const executeFields = (execution: PlanExecution, fields: readonly Field[]): void => {
  execution.takeFields(fields.length);
  for (const field of fields) new FieldExecution(execution, field, runSelection).execute([undefined], [execution.data]);
};

/** Executes root fields in order: each sees the changes of those before it (GraphQL, section 6.2.2). */
const serially = (execution: PlanExecution, [field, ...others]: readonly Field[], done: () => void): void => {
  if (field === undefined) {
    done();
    return;
  }
  execution.bindings.renew();
  execution.perform(
    () => executeFields(execution, [field]),
    () => (nullsResponse(execution, field) ? done() : serially(execution, others, done)),
  );
};

/**
 * Executes a plan for one request. Its errors have the client's paths and the messages of the resolvers.
 *
 * The promise stays pending if the execution budget runs out: the owner of the budget ends the request.
 */
export const executePlan = (
  plan: Plan,
  bindings: Bindings,
  variables: { readonly sent: Values; readonly coerced: Values },
): Promise<ExecutionResult> =>
  new Promise((resolve, reject) => {
    const execution = new PlanExecution(plan, bindings, variables, reject);
    const done = (): void => resolve(buildResponse(execution));
    const fields = [...plan.answers.values()].filter(isField);
    if (plan.operation.operation === 'mutation') serially(execution, fields, done);
    else execution.perform(() => executeFields(execution, fields), done);
  });
