import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../../request/request-context.ts';
import { type DocumentLimits, documentLimits } from '../limits/document-limits.ts';
import { exactNumbers } from '../limits/exact-numbers.ts';
import { repeatedErrors } from '../limits/repeated-errors.ts';
import { reservedAliases } from '../limits/reserved-aliases.ts';
import type { Run } from '../operation.ts';
import { documentCache, persistedQueryCache } from './document-cache.ts';
import { namelessMessage } from './nameless-messages.ts';
import { emptyNameIsNone, unresolvedOperation } from './operation-name.ts';
import { type DomainMessages, formatError } from './public-errors.ts';
import { fieldLimitHeaders } from './response-headers.ts';

/** A plugin of Apollo Server. Its hooks `willResolveField` and `invalidRequestWasReceived` are never called. */
export type GatewayPlugin = ApolloServerPlugin<RequestContext>;

/** Limits of the caches between requests, in bytes. */
export interface ApolloCaches {
  readonly documents: number;
  readonly persisted: number;
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly run: Run;
  readonly domain: DomainMessages;
  /** True if introspection is on and error messages may suggest names of the schema. */
  readonly introspection: boolean;
  readonly limits: DocumentLimits;
  readonly caches: ApolloCaches;
  readonly plugins: readonly GatewayPlugin[];
}

const MAX_VALIDATION_ERRORS = 10;

const namelessValidation: GatewayPlugin = {
  requestDidStart: async () => ({
    validationDidStart: async () => async (errors) => {
      for (const error of errors ?? []) if (error instanceof GraphQLError) error.message = namelessMessage(error);
    },
  }),
};

/**
 * Creates Apollo Server over this gateway's execution. Only this file knows both: Apollo parses, validates, caches
 * documents and runs its plugins; its `gateway` hook passes the operation to `run`.
 */
export const createApollo = ({ schema, run, domain, introspection, limits, caches, plugins }: ApolloOptions) =>
  new ApolloServer<RequestContext>({
    gateway: {
      onSchemaLoadOrUpdate: (callback) => {
        callback({ apiSchema: schema, coreSupergraphSdl: '' });
        return () => {};
      },
      load: async () => ({
        executor: async ({ document, operation, request, context }) => {
          // Apollo types the context of a gateway loosely. It is always the context that the HTTP layer created.
          const own = context as RequestContext;
          if (!operation) return { errors: [unresolvedOperation(request.operationName, own)] };
          return run({ document, operation, variables: request.variables ?? {} }, own) as never;
        },
      }),
      stop: async () => {},
    },
    documentStore: documentCache(caches.documents),
    cache: persistedQueryCache(caches.persisted),
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.maxTokens },
    // graphql-js adds one error to the maximum: "too many errors".
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS - 1 },
    validationRules: [repeatedErrors, documentLimits(limits), reservedAliases, exactNumbers],
    formatError: (formatted, thrown) => formatError(formatted, thrown, domain),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      emptyNameIsNone,
      ...(introspection ? [] : [namelessValidation]),
      fieldLimitHeaders,
      ...plugins,
    ],
  });
