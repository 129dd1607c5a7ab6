import type { ApolloServerPlugin } from '@apollo/server';
import { rateLimitHeaders } from '../../rate-limit/headers.ts';
import { varyBy, varyByCredentials } from '../../request/headers.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { tightestLimit } from '../directives/rate-limit.ts';
import { requiresCost } from '../limits/cost/operation-costs.ts';
import type { ResolvedOperation } from './document-cache.ts';
import { ageOf, type PolicyOf } from './operation-cache.ts';

/** Sets the rate-limit headers of the tightest limit that the operation counted against. */
export const setLimitHeaders = (request: RequestContext, headers: Map<string, string>): void => {
  const tightest = tightestLimit(request);
  if (tightest === null) return;
  for (const [name, value] of Object.entries(rateLimitHeaders(tightest))) headers.set(name, value);
};

/** How responses may be cached. */
export interface Cacheability {
  readonly policyOf: PolicyOf;
  /** Returns the headers of a request, in lower case, by which calls to upstreams are routed at present. */
  readonly routingHeaders: () => readonly string[];
}

/**
 * Sets `Cache-Control`, `Vary` and `Age` of a response without errors. A response to an identified caller is private, even where all
 * callers have the same one.
 */
export const setCacheHeaders = (
  { policyOf, routingHeaders }: Cacheability,
  { document, operation }: ResolvedOperation,
  request: RequestContext,
  headers: Map<string, string>,
): void => {
  const { maxAge, isPrivate } = policyOf(document, operation);
  // A shared response would show a cost to clients that do not require it.
  if (maxAge <= 0 || requiresCost(request.headers)) return;
  const isForOne = isPrivate || request.principal.kind !== 'anonymous';
  headers.set('cache-control', `max-age=${maxAge}, ${isForOne ? 'private' : 'public'}`);
  // Another version of a backend may give another answer. The upstreams of an operation are not known: all count.
  const routed = routingHeaders();
  if (routed.length > 0) headers.set('vary', varyBy(headers.get('vary'), routed));
  // For the cache of a browser in which one user follows another.
  if (isForOne) headers.set('vary', varyByCredentials(headers.get('vary')));
  // RFC 9111, 5.1: time in this gateway's cache counts against the lifetime in other caches.
  const age = ageOf(request);
  if (age > 0) headers.set('age', String(age));
};

export const fieldLimitHeaders: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ contextValue, response }) => setLimitHeaders(contextValue, response.http.headers),
  }),
};

/** A response with errors gets no cache headers. */
export const cacheHeaders = (cacheability: Cacheability): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ document, operation, response, errors, contextValue }) => {
      if (document === undefined || !operation || errors !== undefined) return;
      setCacheHeaders(cacheability, { document, operation }, contextValue, response.http.headers);
    },
  }),
});
