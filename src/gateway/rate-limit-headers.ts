import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../backend/request-context.ts';
import { tightestLimit } from '../directives/rate-limit.ts';
import { rateLimitHeaders } from '../rate-limit/headers.ts';

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
