import { breach, type Limit } from './breach.ts';

/** Limit of the depth of fields, with expanded fragments. graphql-js limits introspection. */
export const depthLimit: Limit = ({ operations }, most) =>
  operations.some(({ depth }) => depth > most)
    ? breach('DEPTH_LIMIT', `Fields are nested more than ${most} levels deep.`)
    : null;
