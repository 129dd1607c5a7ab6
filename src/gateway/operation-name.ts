import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { RequestContext } from '../backend/request-context.ts';

const emptyNamed = new WeakSet<RequestContext>();

/**
 * Plugin that drops an empty `operationName`: many clients send it for no name, and one operation needs none. It is gone before Apollo
 * looks for the operation, so that a mutation by GET is found out all the same.
 */
export const emptyNameIsNone: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async ({ request, contextValue }) => {
    if (request.operationName !== '') return;
    delete request.operationName;
    emptyNamed.add(contextValue);
  },
};

/** The error for an operation that the document does not have, or does not have alone. */
export const unresolvedOperation = (sent: string | undefined, context: RequestContext): GraphQLError => {
  const name = emptyNamed.has(context) ? '' : sent;
  return new GraphQLError(
    name === undefined
      ? 'The document has several operations: set operationName to the name of one of them.'
      : `The document has no operation named ${JSON.stringify(name)}.`,
  );
};
