import { RATE_LIMIT_SDL } from './rate-limit.ts';

/** Who may see a field; with the meaning they have in Apollo Federation. */
const AUTH_SDL = `
  "Only for somebody who is signed in."
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE
  "Only with all scopes of one of these lists."
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
  "Only where all policies of one of these lists agree."
  directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
`;

/** How long an answer may be kept, and by whom; with the meaning it has in Apollo Server. */
const CACHE_CONTROL_SDL = `
  enum CacheControlScope { PUBLIC PRIVATE }
  "For how many seconds the field may be kept, and whether by everybody or by its reader alone."
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;

/** The directives that every module's SDL may use without declaring them. None is in the public schema. */
export const DIRECTIVES_SDL = AUTH_SDL + CACHE_CONTROL_SDL + RATE_LIMIT_SDL;
