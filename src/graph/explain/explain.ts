import { type DocumentNode, type GraphQLError, getVariableValues, Kind, type OperationDefinitionNode } from 'graphql';
import type { Graph } from '../../execution/graph.ts';
import { CannotPlan } from '../../execution/plan/cannot-plan.ts';
import type { Plan } from '../../execution/plan/plan.ts';
import { PlanCache } from '../../execution/plan/plan-cache.ts';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { roundedCost, type StaticCosts } from '../limits/cost/static-costs.ts';
import type { Operation } from '../operation.ts';
import { assumeAsked } from './assume-conditions.ts';
import { type Step, stepsOf } from './steps.ts';
import { type Column, table } from './text-table.ts';

const WHY: Readonly<Record<string, string>> = {
  'too-large': 'It comes to too many fields',
  'condition-not-boolean': 'A variable of @skip or @include is null',
};

/** Explains in a sentence why an operation has no plan. */
export const whyNoPlan = ({ reason }: CannotPlan): string =>
  `${WHY[reason] ?? 'It cannot be planned'} (${reason}): it is run by delegation.`;

/** Title of an operation: `query OrderPage`. */
export const titleOf = ({ operation, name }: OperationDefinitionNode): string =>
  `${operation} ${name?.value ?? '(without a name)'}`;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Returns the plan of a valid operation as text, or the errors of its variables. A selection with a condition on a
 * variable without a value is shown as included.
 */
export type Explain = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
) => string | readonly GraphQLError[];

/** Maximum number of lines. */
const MAX_STEPS = 1_000;

const COLUMNS: readonly Column[] = [
  { title: 'wave', most: 4 },
  { title: 'step', most: 60 },
  { title: 'backend', most: 14 },
  { title: 'how', most: 99 },
];

/** Maximum indentation, in levels. */
const MAX_INDENT = 40;

const row = ({ depth, wave, what, backend, how }: Step): readonly string[] => [
  wave === null ? '' : String(wave),
  ' '.repeat(Math.min(2 * depth, MAX_INDENT)) + what,
  backend,
  how,
];

const READING = `Number: wave in which the step calls its backend (a resolver may). Calls of a wave are concurrent.
A step waits only for the step that it is indented under, and a join for the inputs in its line.`;

const SERIALLY = 'Its fields run one after the other, in this order.';

/** The documents for GraphQL services, in the order of their steps. */
const documents = (steps: readonly Step[]): readonly string[] => {
  const sent = steps.filter(({ document }) => document !== undefined);
  if (sent.length === 0) return [];
  return ['', 'Operations of GraphQL services:', ...sent.map(({ what, document }) => `${what}: ${document}`)];
};

const planText = (plan: Plan, authorization: Authorization): string => {
  const steps: Step[] = [];
  let isCut = false;
  for (const step of stepsOf(plan, authorization)) {
    isCut = steps.length === MAX_STEPS;
    if (isCut) break;
    steps.push(step);
  }
  return [
    ...(plan.operation.operation === 'mutation' ? [SERIALLY, ''] : []),
    table(COLUMNS, steps.map(row)),
    ...documents(steps),
    ...(isCut ? [`… and more: only the first ${MAX_STEPS} steps are shown.`] : []),
    '',
    READING,
  ].join('\n');
};

/** A line with the static cost, unless it depends on variables without a value. */
const costLine = (costs: StaticCosts | null, operation: Operation): readonly string[] => {
  const { variableDefinitions = [] } = operation.operation;
  const isOpen = variableDefinitions.some(
    ({ variable, type, defaultValue }) =>
      type.kind === Kind.NON_NULL_TYPE &&
      defaultValue === undefined &&
      !Object.hasOwn(operation.variables, variable.name.value),
  );
  if (costs === null) return [];
  if (isOpen) return ['Cost: depends on the variables without a value.'];
  const { total, unbounded } = costs.of(operation);
  return [unbounded === null ? `Cost: ${roundedCost(total)}` : `Cost: unbounded, ${unbounded}`];
};

/** Explains operations. With `costs`, their static cost is shown, too. */
export const explainer = (graph: Graph, authorization: Authorization, costs: StaticCosts | null = null): Explain => {
  const plans = new PlanCache(graph);
  return (document, operation, variables) => {
    const valued = operation.variableDefinitions?.filter(
      ({ variable, defaultValue }) => defaultValue !== undefined || Object.hasOwn(variables, variable.name.value),
    );
    const { errors, coerced } = getVariableValues(graph.schema, valued ?? [], variables);
    if (errors !== undefined) return errors;
    const assumed = assumeAsked(document, operation, coerced);
    const plan = plans.planOf(assumed.document, assumed.operation, coerced);
    const undecided = assumed.undecided.map((name) => `$${name}`).join(', ');
    return [
      titleOf(operation),
      ...costLine(costs, { document, operation, variables }),
      ...(undecided === '' ? [] : [`As if all were asked for that ${undecided} may skip or include.`]),
      '',
      plan instanceof CannotPlan ? whyNoPlan(plan) : planText(plan, authorization),
      '',
    ].join('\n');
  };
};
