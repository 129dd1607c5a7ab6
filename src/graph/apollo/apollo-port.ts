import { type ApolloServer, type GraphQLRequest, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { PUBLIC_ERRORS } from '../../core/errors.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { GatewayPort, GraphQLParams, GraphQLResult } from '../gateway-port.ts';
import { completeErrors } from './complete-errors.ts';

/** A gateway port with the life of its server. */
export interface ApolloPort extends GatewayPort {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const requestOf = (params: GraphQLParams, { headers }: RequestContext): GraphQLRequest => {
  const { query, operationName, variables, extensions, isReadOnly } = params;
  return {
    ...(query !== null && { query }),
    ...(operationName !== null && { operationName }),
    ...(variables !== null && { variables }),
    ...(extensions !== null && { extensions }),
    // For plugins, and for Apollo's rejection of mutations by GET. Apollo parses neither `search` nor `body` here.
    http: {
      method: isReadOnly ? 'GET' : 'POST',
      headers: new HeaderMap(Object.entries(headers)),
      search: '',
      body: undefined,
    },
  };
};

const resultOf = ({ body, http }: GraphQLResponse, requestId: string): GraphQLResult => {
  if (body.kind !== 'single') throw new Error('Apollo Server returned an incremental response.');
  const { errors, data, extensions } = body.singleResult;
  return {
    errors: errors && completeErrors(errors, http.status, requestId),
    data,
    extensions,
    status: http.status,
    headers: http.headers,
  };
};

/** Result of a request in which Apollo Server or a plugin failed. Apollo Server has logged the cause. */
const failed = (requestId: string): GraphQLResult => {
  const { status, message } = PUBLIC_ERRORS.INTERNAL_SERVER_ERROR;
  const errors = [{ message, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }];
  return { errors, status, headers: new Map() };
};

/** Creates the port of a gateway on Apollo Server. Its plugins run for every request. */
export const apolloPort = (apollo: ApolloServer<RequestContext>): ApolloPort => ({
  start: () => apollo.start(),
  stop: () => apollo.stop(),
  execute: async (params, context) => {
    try {
      const response = await apollo.executeOperation(requestOf(params, context), { contextValue: context });
      return resultOf(response, context.requestId);
    } catch {
      return failed(context.requestId);
    }
  },
});
