import type { z } from 'zod';
import { HEADER_NAME } from '../../request/headers.ts';
import {
  type Fix,
  group,
  listOption,
  milliseconds,
  named,
  offByDefault,
  oneOfOption,
  option,
  required,
  textFix,
  whole,
} from '../../upstream/option-kinds.ts';
import { type Pattern, type Patterns, patternFix, patternsFix } from '../../upstream/routing/route-options.ts';

/* Options of pass() and websocket(). Their comments are the rows of docs/routes.md, as those of src/upstream/options.ts. */

const WHEN_ROUTE = {
  /** Headers of the request, by name, as texts in which `*` is any text. Answers have them in `Vary`. Default none. */
  header: option<Patterns>(patternsFix(HEADER_NAME, "{ 'x-api-version': '2' }")).optional(),
  /** Host of the request, without its port. Default any. */
  host: option<Pattern>(patternFix).optional(),
};

const WHEN = group(WHEN_ROUTE);

const WHEN_BODY = group({
  ...WHEN_ROUTE,
  /**
   * Media type of the body, without parameters: `image/*`. A body of another type is refused with 415. Answers have
   * `Content-Type` in `Vary`. Default any.
   */
  contentType: option<Pattern>(patternFix).optional(),
});

const LIMIT = group({
  /** Requests of one user, or of one network of anonymous callers, in `duration` seconds. Required. */
  limit: required<number>('limit: 100', (value) => wholeFix(value)),
  /** Length of the window in seconds. Required. */
  duration: required<number>('duration: 60', (value) => wholeFix(value)),
});

const wholeFix: Fix = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? null : 'use a whole number of at least 1';

const headerNameFix: Fix = (value) =>
  typeof value === 'string' && HEADER_NAME.test(value) ? null : `use names of headers, as in ['x-tenant']`;

const HEADER_VALUE = /^(?![\x20\t])[\x20-\x7e\t]*(?<![\x20\t])$/;

const headerValuesFix: Fix = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(
    ([name, text]) => HEADER_NAME.test(name) && typeof text === 'string' && HEADER_VALUE.test(text),
  )
    ? null
    : "use an object of names and texts, as in { 'x-source': 'gateway' }";

const HEADER_RULES = group({
  /** Names that are passed on in addition to [the usual](#headers). Default none. */
  allow: listOption<string>(headerNameFix).optional(),
  /** Headers with fixed values, which replace others of their name. Default none. */
  set: option<Readonly<Record<string, string>>>(headerValuesFix).optional(),
  /** Names that are not passed on. Default none. */
  remove: listOption<string>(headerNameFix).optional(),
});

const CACHE = group({
  /** Largest body that is stored, in bytes. Default 262,144: the store is for many small answers. */
  maxBytes: whole(1).default(262_144),
});

const namesFix: Fix = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((all) => Array.isArray(all) && all.length > 0 && all.every((name) => textFix(name) === null))
    ? null
    : "use a list of lists of names, as in [['files:read']]: one list must hold as a whole";

export interface HeaderRuleOptions extends z.input<typeof HEADER_RULES> {}

/** Options of both kinds. */
const COMMON_ROUTE = {
  /** True to refuse anonymous callers, as `@authenticated` does. Default false. */
  authenticated: oneOfOption(true, false).default(false),
  /** True for a route without requirements, which `AUTH_DEFAULT=deny` refuses otherwise, as `@public` does. Default false. */
  public: oneOfOption(true, false).default(false),
  /** Scopes of the caller's token, as for `@requiresScopes`: all of one list. Default none. */
  scopes: option<readonly (readonly string[])[]>(namesFix).optional(),
  /**
   * Policies of the module and roles, as for `@policy`: all of one list. A policy receives the variables of the path as
   * arguments. Default none.
   */
  policies: option<readonly (readonly string[])[]>(namesFix).optional(),
  /** Rate limit of the route, as `@rateLimit`. Absent: none. */
  rateLimit: named<RouteLimit, RouteLimit>(LIMIT).optional(),
  /** Headers of the client's request for the backend. Absent: the usual. */
  requestHeaders: named<HeaderRuleOptions, HeaderRuleOptions>(HEADER_RULES).optional(),
  /** Longest time without a byte in either direction, in milliseconds. Default 60,000: below the idle time of common balancers. */
  idleTimeoutMs: milliseconds(1).default(60_000),
  /** Longest time of a request or a WebSocket, in milliseconds. Default 3,600,000: a slow transfer of gigabytes fits. */
  maxDurationMs: milliseconds(1).default(3_600_000),
  /** Text for `/openapi.json`. Default none. */
  summary: option<string>(textFix).optional(),
};

export interface RouteLimit {
  readonly limit: number;
  readonly duration: number;
}

/** Options of `pass()`. */
export const PASS_OPTIONS = group({
  ...COMMON_ROUTE,
  /** Largest body of a request in bytes; a larger one is refused with 413. Default `MAX_BODY_BYTES`: as for `/graphql`. */
  maxBytes: whole(0).optional(),
  /** Conditions on the request. Absent: none. */
  when: WHEN_BODY.optional(),
  /** Headers of the backend's answer for the client. Absent: the usual. */
  responseHeaders: named<HeaderRuleOptions, HeaderRuleOptions>(HEADER_RULES).optional(),
  /** True, or an object, to store answers as [their Cache-Control allows](#cache). Default false: nothing is stored. */
  cache: offByDefault(CACHE),
});

/** Options of `websocket()`. */
export const WEBSOCKET_OPTIONS = group({
  ...COMMON_ROUTE,
  /** Conditions on the request. Absent: none. */
  when: WHEN.optional(),
  /** Largest message in bytes, in either direction, as sent; a larger one closes with 1009. Default 1,048,576: as a body. */
  maxMessageBytes: whole(1).default(1_048_576),
});

export interface PassOptions extends z.input<typeof PASS_OPTIONS> {}
export interface WebSocketOptions extends z.input<typeof WEBSOCKET_OPTIONS> {}
export type PassSettings = z.output<typeof PASS_OPTIONS>;
export type WebSocketSettings = z.output<typeof WEBSOCKET_OPTIONS>;
