import type { Decision, Guard, GuardedField } from '../../../src/execution/graph.ts';

/** A guard that decides by the arguments of the field. */
export const guardBy =
  (decide: (args: GuardedField['args']) => Decision | Promise<Decision>): Guard =>
  (_caller, { args }) =>
    decide(args);
