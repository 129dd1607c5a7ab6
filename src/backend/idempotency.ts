import { createHash, randomUUID } from 'node:crypto';
import type { RequestContext } from './request-context.ts';

/**
 * An idempotency key. A string is sent as a hash of it, the caller and the route: callers with the same key do not share an answer.
 * `{ unscoped }` is sent as it is. Callers with the same one get one answer, so it must name the caller itself.
 */
export type IdempotencyKey = string | { readonly unscoped: string };

const anonymousRequests = new WeakMap<RequestContext, string>();

/** A new name for each anonymous request: nothing that such a request brings tells its caller from another one. */
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
  return principal.kind === 'user'
    ? ['user', principal.issuer, principal.subject]
    : ['anonymous', anonymousCaller(request)];
};

/** Makes keys of one request: equal for equal values of one user in one place, different for any other user or place. */
export type KeyScope = (place: string, value: string) => string;

/** The keys of a request's caller, in 43 characters of base64url. `within` is the module or upstream that they are for. */
export const keyScope =
  (request: RequestContext, within: string): KeyScope =>
  (place, value) =>
    createHash('sha256')
      // As JSON, so that no value can reach into its neighbour.
      .update(JSON.stringify([...callerOf(request), within, place, value]))
      .digest('base64url');

/** The text that is sent for a key. */
export const sentKey = (key: IdempotencyKey, route: string, scope: KeyScope): string =>
  typeof key === 'string' ? scope(route, key) : key.unscoped;
