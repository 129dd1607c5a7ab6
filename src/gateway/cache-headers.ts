import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../backend/request-context.ts';
import { ageOf, type PolicyOf } from './operation-cache.ts';

/** Says in `Cache-Control` for how long an answer may be kept, and in `Age` how old it is. One with errors may not be kept. */
export const cacheHeaders = (policyOf: PolicyOf): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ document, operation, response, errors, contextValue }) => {
      if (document === undefined || !operation || errors !== undefined) return;
      const { maxAge, isPrivate } = policyOf(document, operation);
      if (maxAge <= 0) return;
      response.http.headers.set('cache-control', `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}`);
      // RFC 9111, 5.1: what was kept here is not fresh for as long again elsewhere.
      const age = ageOf(contextValue);
      if (age > 0) response.http.headers.set('age', String(age));
    },
  }),
});
