import { breach, type Limit } from './breach.ts';

/** How large an operation may become once its fragments are written out: a short document can mean a thousand million fields. */
export const selectionLimit: Limit = ({ operations }, most) =>
  operations.some(({ selections }) => selections > most)
    ? breach('COST_LIMIT', `The operation selects more than ${most} fields once its fragments are written out.`)
    : null;
