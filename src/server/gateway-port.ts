import type { ApolloServer } from '@apollo/server';
import type { RequestContext } from '../backend/request-context.ts';

/** The part of the gateway that the HTTP server uses. */
export interface GraphQLGateway {
  /**
   * Must be started. Its `formatError` determines the errors that clients receive; the server adds missing request ids.
   */
  readonly apollo: ApolloServer<RequestContext>;
}
