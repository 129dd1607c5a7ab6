import type { OperationDefinitionNode } from 'graphql';
import type { CannotPlan } from '../../execution/cannot-plan.ts';

const WHY: Readonly<Record<string, string>> = {
  introspection: 'It asks for __schema or __type',
  'too-large': 'It comes to too many fields',
  'condition-not-boolean': 'A variable of @skip or @include is null',
};

/** Explains in a sentence why an operation has no plan. */
export const whyNoPlan = ({ reason }: CannotPlan): string =>
  `${WHY[reason] ?? 'It cannot be planned'} (${reason}): it is run by delegation.`;

/** Title of an operation: `query OrderPage`. */
export const titleOf = ({ operation, name }: OperationDefinitionNode): string =>
  `${operation} ${name?.value ?? '(without a name)'}`;
