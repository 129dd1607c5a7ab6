import type { DeclaredRoute } from '../../backend/routes/pass.ts';
import type { Requirement } from '../directives/authorization/requirement.ts';

/** The requirement that the options of a route state. */
export const routeRequirement = (
  module: string,
  { authenticated = false, scopes, policies }: DeclaredRoute['options'],
): Requirement => ({
  authenticated,
  scopes: scopes === undefined ? [] : [scopes],
  policies: policies === undefined ? [] : [{ module, anyOf: policies }],
});
