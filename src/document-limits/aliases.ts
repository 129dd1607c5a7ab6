import { breach, type Limit } from './breach.ts';

/** Limit of aliased and repeated fields of an operation. */
export const aliasLimit: Limit = ({ operations }, most) =>
  operations.some(({ aliases }) => aliases > most)
    ? breach('ALIAS_LIMIT', `The operation has more than ${most} aliases and repeated fields.`)
    : null;
