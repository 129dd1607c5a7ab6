import { ABSTRACT } from './abstract.ts';
import { ARGUMENTS } from './arguments.ts';
import { DIRECTIVES } from './directives.ts';
import { ERRORS } from './errors.ts';
import { LEAVES } from './leaves.ts';
import { LISTS } from './lists.ts';
import { OPERATIONS } from './operations.ts';
import { RESOLVING } from './resolving.ts';
import type { Rule } from './rule.ts';
import { SELECTIONS } from './selections.ts';
import { VARIABLES } from './variables.ts';

/** One or more tests for each rule of section 6, in its order. */
export const RULES: readonly Rule[] = [
  ...OPERATIONS,
  ...VARIABLES,
  ...SELECTIONS,
  ...DIRECTIVES,
  ...ARGUMENTS,
  ...RESOLVING,
  ...LEAVES,
  ...LISTS,
  ...ABSTRACT,
  ...ERRORS,
];
