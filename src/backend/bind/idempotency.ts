import { createHash, randomUUID } from 'node:crypto';
import type { RequestContext } from '../../request/request-context.ts';

/**
 * An idempotency key. A string is sent as a hash of the string, the caller and the route: callers with the same string
 * do not share an answer. `{ unscoped }` is sent unchanged: callers with the same value share an answer, so the value
 * must identify the caller.
 */
export type IdempotencyKey = string | { readonly unscoped: string };

const anonymousRequests = new WeakMap<RequestContext, string>();

/** Returns a unique caller name for each anonymous request: nothing in such a request distinguishes its caller. */
const anonymousCaller = (request: RequestContext): string => {
  const known = anonymousRequests.get(request);
  if (known !== undefined) return known;
  const name = randomUUID();
  anonymousRequests.set(request, name);
  return name;
};

// Without scopes and roles: a retry with a renewed token must find the answer of the first attempt.
const callerOf = (request: RequestContext): readonly string[] => {
  const { principal } = request;
  return principal.kind === 'anonymous'
    ? ['anonymous', anonymousCaller(request)]
    : [principal.kind, principal.issuer, principal.subject];
};

/**
 * Derives keys of one request: equal for equal values of one user in one place, different for any other user or place.
 */
export type KeyScope = (place: string, value: string) => string;

/** The idempotency keys of a request's caller: 43 characters of base64url. `within` is the module or upstream. */
export const keyScope =
  (request: RequestContext, within: string): KeyScope =>
  (place, value) =>
    createHash('sha256')
      // JSON keeps the values apart.
      .update(JSON.stringify([...callerOf(request), within, place, value]))
      .digest('base64url');

/** The header value of a key. */
export const sentKey = (key: IdempotencyKey, route: string, scope: KeyScope): string =>
  typeof key === 'string' ? scope(route, key) : key.unscoped;
