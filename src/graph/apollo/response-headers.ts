import type { ApolloServerPlugin } from '@apollo/server';
import { rateLimitHeaders } from '../../rate-limit/headers.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { tightestLimit } from '../directives/rate-limit.ts';
import { ageOf, type PolicyOf } from './operation-cache.ts';

/** Sets the rate-limit headers of the tightest limit that the operation counted against. */
export const fieldLimitHeaders: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ contextValue, response }) => {
      const tightest = tightestLimit(contextValue);
      if (tightest === null) return;
      for (const [name, value] of Object.entries(rateLimitHeaders(tightest))) response.http.headers.set(name, value);
    },
  }),
};

/** Sets `Cache-Control` and `Age` of a response. A response with errors gets neither. */
export const cacheHeaders = (policyOf: PolicyOf): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ document, operation, response, errors, contextValue }) => {
      if (document === undefined || !operation || errors !== undefined) return;
      const { maxAge, isPrivate } = policyOf(document, operation);
      if (maxAge <= 0) return;
      response.http.headers.set('cache-control', `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}`);
      // RFC 9111, 5.1: time in this gateway's cache counts against the lifetime in other caches.
      const age = ageOf(contextValue);
      if (age > 0) response.http.headers.set('age', String(age));
    },
  }),
});
