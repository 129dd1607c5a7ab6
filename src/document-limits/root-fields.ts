import { breach, type Limit } from './breach.ts';

/** How many fields an operation may begin with: each of them may be a call of its own. */
export const rootFieldLimit: Limit = ({ operations }, most) =>
  operations.some(({ rootFields }) => rootFields > most)
    ? breach('ROOT_FIELD_LIMIT', `The operation has more than ${most} root fields.`)
    : null;
