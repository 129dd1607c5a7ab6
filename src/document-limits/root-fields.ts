import { breach, type Limit } from './breach.ts';

/** Limit of root fields of an operation: each may cause a call of its own. */
export const rootFieldLimit: Limit = ({ operations }, most) =>
  operations.some(({ rootFields }) => rootFields > most)
    ? breach('ROOT_FIELD_LIMIT', `The operation has more than ${most} root fields.`)
    : null;
