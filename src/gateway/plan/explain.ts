import { type DocumentNode, type GraphQLError, getVariableValues, type OperationDefinitionNode } from 'graphql';
import type { Requirements } from '../../directives/requirement.ts';
import { CannotPlan } from '../../execution/cannot-plan.ts';
import type { Graph } from '../../execution/graph.ts';
import type { Plan } from '../../execution/plan.ts';
import { PlanCache } from '../../execution/plans.ts';
import { assumeAsked } from './assume.ts';
import { type Step, stepsOf } from './steps.ts';
import { type Column, table } from './table.ts';
import { titleOf, whyNoPlan } from './why.ts';

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

const planText = (plan: Plan, requirements: Requirements): string => {
  const steps: Step[] = [];
  let isCut = false;
  for (const step of stepsOf(plan, requirements)) {
    isCut = steps.length === MAX_STEPS;
    if (isCut) break;
    steps.push(step);
  }
  return [
    ...(plan.operation.operation === 'mutation' ? [SERIALLY, ''] : []),
    table(COLUMNS, steps.map(row)),
    ...(isCut ? [`… and more: only the first ${MAX_STEPS} steps are shown.`] : []),
    '',
    READING,
  ].join('\n');
};

export const explainer = (graph: Graph, requirements: Requirements): Explain => {
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
      ...(undecided === '' ? [] : [`As if all were asked for that ${undecided} may skip or include.`]),
      '',
      plan instanceof CannotPlan ? whyNoPlan(plan) : planText(plan, requirements),
      '',
    ].join('\n');
  };
};
