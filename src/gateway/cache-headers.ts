import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../backend/request-context.ts';
import type { PolicyOf } from './operation-cache.ts';

/** Says in `Cache-Control` for how long an answer may be kept. One with errors may not be kept at all. */
export const cacheHeaders = (policyOf: PolicyOf): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ document, operation, response, errors }) => {
      if (document === undefined || !operation || errors !== undefined) return;
      const { maxAge, isPrivate } = policyOf(document, operation);
      if (maxAge > 0)
        response.http.headers.set('cache-control', `max-age=${maxAge}, ${isPrivate ? 'private' : 'public'}`);
    },
  }),
});
