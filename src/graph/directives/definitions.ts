import { PUBLIC_SDL } from './authorization/public-fields.ts';
import { CONSTRAINT_SDL } from './constraints/rules.ts';
import { COST_SDL } from './cost/cost-uses.ts';
import { INACCESSIBLE_SDL } from './inaccessible.ts';
import { RATE_LIMIT_SDL } from './rate-limit.ts';
import { SHAREABLE_SDL } from './shareable.ts';

const AUTH_LOCATIONS =
  'FIELD_DEFINITION | OBJECT | INTERFACE | ENUM | SCALAR | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION';

/** Directives of authorisation, with their meaning in Apollo Federation. Those of arguments and input fields are new. */
const AUTH_SDL = `
  "Only for authenticated callers."
  directive @authenticated on ${AUTH_LOCATIONS}
  "Only for callers with all scopes of at least one list."
  directive @requiresScopes(scopes: [[String!]!]!) on ${AUTH_LOCATIONS}
  "Only if all policies of at least one list agree."
  directive @policy(policies: [[String!]!]!) on ${AUTH_LOCATIONS}
`;

/** Directive of caching, with its meaning in Apollo Server. */
const CACHE_CONTROL_SDL = `
  enum CacheControlScope { PUBLIC PRIVATE }
  "Seconds for which the field may be cached, and whether in shared caches (PUBLIC) or for one caller (PRIVATE)."
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;

/** Directives that the SDL of every module may use without declaring them. None is in the public schema. */
export const DIRECTIVE_DEFINITIONS =
  AUTH_SDL +
  PUBLIC_SDL +
  CACHE_CONTROL_SDL +
  RATE_LIMIT_SDL +
  CONSTRAINT_SDL +
  COST_SDL +
  INACCESSIBLE_SDL +
  SHAREABLE_SDL;
