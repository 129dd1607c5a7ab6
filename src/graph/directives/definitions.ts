import { INACCESSIBLE_SDL } from './inaccessible.ts';
import { RATE_LIMIT_SDL } from './rate-limit.ts';
import { SHAREABLE_SDL } from './shareable.ts';

/** Directives of authorisation, with their meaning in Apollo Federation. */
const AUTH_SDL = `
  "Only for authenticated callers."
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE
  "Only for callers with all scopes of at least one list."
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
  "Only if all policies of at least one list agree."
  directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
`;

/** Directive of caching, with its meaning in Apollo Server. */
const CACHE_CONTROL_SDL = `
  enum CacheControlScope { PUBLIC PRIVATE }
  "Seconds for which the field may be cached, and whether in shared caches (PUBLIC) or for one caller (PRIVATE)."
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;

/** Directives that the SDL of every module may use without declaring them. None is in the public schema. */
export const DIRECTIVE_DEFINITIONS = AUTH_SDL + CACHE_CONTROL_SDL + RATE_LIMIT_SDL + INACCESSIBLE_SDL + SHAREABLE_SDL;
