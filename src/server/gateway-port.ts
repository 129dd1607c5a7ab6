import type { ApolloServer } from '@apollo/server';
import type { RequestContext } from '../backend/request-context.ts';

/** What the HTTP edge needs of the graph. */
export interface GraphQLGateway {
  /** Started. Its `formatError` decides what a client reads of a failure; the edge adds the request id where it lacks. */
  readonly apollo: ApolloServer<RequestContext>;
}
