import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { RequestContext } from '../../request/request-context.ts';

const emptyNamed = new WeakSet<RequestContext>();

/**
 * Removes an empty `operationName`: many clients send it for an unnamed operation. This happens before Apollo chooses
 * the operation, so that a mutation by GET is still rejected.
 */
export const emptyNameIsNone: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async ({ request, contextValue }) => {
    if (request.operationName !== '') return;
    delete request.operationName;
    emptyNamed.add(contextValue);
  },
};

/** The error for an operation that is not in the document, or is not its only one. */
export const unresolvedOperation = (sent: string | undefined, context: RequestContext): GraphQLError => {
  const name = emptyNamed.has(context) ? '' : sent;
  return new GraphQLError(
    name === undefined
      ? 'The document has several operations: set operationName to the name of one of them.'
      : `The document has no operation named ${JSON.stringify(name)}.`,
  );
};
