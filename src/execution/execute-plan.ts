import type { ExecutionResult } from 'graphql';
import { Column } from './column.ts';
import type { Bindings } from './graph.ts';
import type { Field, Plan, Values } from './plan.ts';
import { Run } from './run.ts';
import { runSelection } from './selection.ts';
import { settle, takesAll } from './settle.ts';

const isField = (answer: Field | string): answer is Field => typeof answer !== 'string';

const fill = (run: Run, fields: readonly Field[]): void => {
  run.takeFields(fields.length);
  for (const field of fields) new Column(run, field, runSelection).fill([undefined], [run.data]);
};

/** One after the other: each sees what those before it have changed (GraphQL, section 6.2.2). */
const serially = (run: Run, [field, ...others]: readonly Field[], done: () => void): void => {
  if (field === undefined) {
    done();
    return;
  }
  run.bindings.renew();
  run.perform(
    () => fill(run, [field]),
    () => (takesAll(run, field) ? done() : serially(run, others, done)),
  );
};

/**
 * Runs a plan for one request. Its errors are as resolvers threw them, each at its path.
 *
 * Never ends when the bindings' budget is spent: whoever gave that knows.
 */
export const executePlan = (
  plan: Plan,
  bindings: Bindings,
  variables: { readonly sent: Values; readonly coerced: Values },
): Promise<ExecutionResult> =>
  new Promise((resolve, reject) => {
    const run = new Run(plan, bindings, variables, reject);
    const done = (): void => resolve(settle(run));
    const fields = [...plan.answers.values()].filter(isField);
    if (plan.operation.operation === 'mutation') serially(run, fields, done);
    else run.perform(() => fill(run, fields), done);
  });
