import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { RequestContext } from '../backend/request-context.ts';
import { reservedAliases } from '../document-limits/reserved-aliases.ts';
import type { Run } from './execute.ts';
import { type DomainMessages, formatError } from './public-errors.ts';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly run: Run;
  readonly domain: DomainMessages;
  /** Whether clients may ask for the schema, and are told names they may have meant. */
  readonly introspection: boolean;
  readonly plugins: readonly ApolloServerPlugin<RequestContext>[];
}

const MAX_TOKENS = 4_000;

/**
 * Apollo Server over our own execution. This file is all that knows of both: Apollo parses, validates, keeps documents and
 * runs its plugins; its `gateway` hook hands the operation to `run`.
 */
export const createApollo = ({ schema, run, domain, introspection, plugins }: ApolloOptions) =>
  new ApolloServer<RequestContext>({
    gateway: {
      onSchemaLoadOrUpdate: (callback) => {
        callback({ apiSchema: schema, coreSupergraphSdl: '' });
        return () => {};
      },
      load: async () => ({
        executor: ({ document, operation, request, context }) =>
          // Apollo types the context of a gateway loosely; it is the one that the edge made.
          run({ document, operation, variables: request.variables ?? {} }, context as RequestContext) as never,
      }),
      stop: async () => {},
    },
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [reservedAliases],
    formatError: (formatted, thrown) => formatError(formatted, thrown, domain),
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginCacheControlDisabled(), ...plugins],
  });
