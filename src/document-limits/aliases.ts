import { breach, type Limit } from './breach.ts';

/** How often an operation may ask for a field again, under another name or beside itself. */
export const aliasLimit: Limit = ({ operations }, most) =>
  operations.some(({ aliases }) => aliases > most)
    ? breach('ALIAS_LIMIT', `The operation has more than ${most} aliases and repeated fields.`)
    : null;
