import { buildSchema, type ExecutionResult, parse } from 'graphql';
import type { Graph, GraphModule } from '../../../src/execution/graph.ts';
import { CannotPlan } from '../../../src/execution/plan/cannot-plan.ts';
import type { Field, Plan, Selection, Values } from '../../../src/execution/plan/plan.ts';
import { PlanCache } from '../../../src/execution/plan/plan-cache.ts';
import { executePlan } from '../../../src/execution/run/execute-plan.ts';
import { bindingsOf } from './hand-made-plan.ts';

/** A graph of modules. `sdl` is the schema that clients see. */
export const graphOf = (sdl: string, modules: readonly GraphModule[], more: Partial<Graph> = {}): Graph => ({
  schema: buildSchema(sdl),
  modules,
  guardOf: () => null,
  limits: new Map(),
  ...more,
});

/** The plan of a document with one operation. Throws CannotPlan. */
export const compiled = (
  graph: Graph,
  text: string,
  variables: Values = {},
  rowsBeforeCode = Number.POSITIVE_INFINITY,
): Plan => {
  const document = parse(text);
  const operation = document.definitions.find((node) => node.kind === 'OperationDefinition');
  if (operation === undefined) throw new Error('Not an operation.');
  const plan = new PlanCache(graph, rowsBeforeCode).planOf(document, operation, variables);
  if (plan instanceof CannotPlan) throw plan;
  return plan;
};

/** Compiles and executes an operation for one request. */
export const executed = (
  graph: Graph,
  text: string,
  variables: Values = {},
  rowsBeforeCode?: number,
): Promise<ExecutionResult> =>
  executePlan(compiled(graph, text, variables, rowsBeforeCode), bindingsOf(graph.modules), {
    sent: variables,
    coerced: variables,
  });

export const rootField = (plan: Plan, key: string): Field => {
  const field = plan.answers.get(key);
  if (field === undefined || typeof field === 'string') throw new Error(`${key} is no field.`);
  return field;
};

/** The selection below a root field of an object type or a list of it. */
export const selectionBelow = (plan: Plan, key: string): Selection => {
  let { shape } = rootField(plan, key);
  while (shape.is === 'list') shape = shape.item;
  if (shape.is !== 'object') throw new Error(`${key} has no selection.`);
  return shape.selection;
};

/** Each error as `path: message`, in order. */
export const errorLines = ({ errors = [] }: ExecutionResult): string[] =>
  errors.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
