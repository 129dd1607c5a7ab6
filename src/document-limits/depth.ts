import { breach, type Limit } from './breach.ts';

/** How deeply fields may be nested, wherever a fragment puts them. Introspection has a limit of its own in graphql-js. */
export const depthLimit: Limit = ({ operations }, most) =>
  operations.some(({ depth }) => depth > most)
    ? breach('DEPTH_LIMIT', `Fields are nested more than ${most} levels deep.`)
    : null;
