import { breach, type Limit } from './breach.ts';

/** Limit of an operation's size with expanded fragments: a short document can select a billion fields. */
export const selectionLimit: Limit = ({ operations }, most) =>
  operations.some(({ selections }) => selections > most)
    ? breach('COST_LIMIT', `The operation selects more than ${most} fields with expanded fragments.`)
    : null;
