import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequest,
  type GraphQLResponse,
  HeaderMap,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../../request/request-context.ts';
import type { GatewayPort, GraphQLParams, GraphQLResult } from '../gateway-port.ts';
import { type DocumentLimits, documentLimits } from '../limits/document-limits.ts';
import { exactNumbers } from '../limits/exact-numbers.ts';
import { nestedIntrospection } from '../limits/nested-introspection.ts';
import { repeatedErrors } from '../limits/repeated-errors.ts';
import { reservedAliases } from '../limits/reserved-aliases.ts';
import type { Run } from '../operation.ts';
import { refusedResult } from '../refused-result.ts';
import { completeErrors } from './complete-errors.ts';
import type { DocumentCache, PersistedQueryCache } from './document-cache.ts';
import { type KnownOperations, keepOperations } from './known-operations.ts';
import { namelessMessage } from './nameless-messages.ts';
import { emptyNameIsNone, unresolvedOperation } from './operation-name.ts';
import { type DomainMessages, formatError } from './public-errors.ts';
import { fieldLimitHeaders } from './response-headers.ts';

/** A plugin of Apollo Server. Its hooks `willResolveField` and `invalidRequestWasReceived` are never called. */
export type GatewayPlugin = ApolloServerPlugin<RequestContext>;

/** Caches between requests. */
export interface ApolloCaches {
  readonly documents: DocumentCache;
  readonly persisted: PersistedQueryCache;
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly run: Run;
  readonly domain: DomainMessages;
  /** True answers introspection at any level, `caller` only at the root of a query. */
  readonly introspection: boolean | 'caller';
  /** True if error messages must contain no names that only the schema has. */
  readonly hideNames: boolean;
  readonly limits: DocumentLimits;
  readonly caches: ApolloCaches;
  readonly plugins: readonly GatewayPlugin[];
}

const MAX_VALIDATION_ERRORS = 10;

const NO_DOCUMENTS = '"query" is missing: the gateway has no documents with ids.';

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
export const createApollo = ({
  schema,
  run,
  domain,
  introspection,
  hideNames,
  limits,
  caches,
  plugins,
}: ApolloOptions) =>
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
    documentStore: caches.documents,
    cache: caches.persisted,
    introspection: introspection !== false,
    hideSchemaDetailsFromClientErrors: hideNames,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.maxTokens },
    // graphql-js adds one error to the maximum: "too many errors".
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS - 1 },
    validationRules: [
      repeatedErrors,
      documentLimits(limits),
      reservedAliases,
      exactNumbers,
      ...(introspection === 'caller' ? [nestedIntrospection] : []),
    ],
    formatError: (formatted, thrown) => formatError(formatted, thrown, domain),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      emptyNameIsNone,
      ...(hideNames ? [namelessValidation] : []),
      keepOperations(caches.documents),
      fieldLimitHeaders,
      ...plugins,
    ],
  });

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

/** Result of a request in which Apollo Server, a plugin or the gateway itself failed. The cause is logged. */
const failed = (requestId: string): GraphQLResult => refusedResult('INTERNAL_SERVER_ERROR', '', requestId);

/** A document is requested by id, but there are no trusted documents. */
const hasNoText = ({ query, documentId = null }: GraphQLParams): boolean => query === null && documentId !== null;

/**
 * Creates the port of a gateway on Apollo Server. With `known`, operations that Apollo resolved before do not pass its
 * pipeline again; without, its plugins run for every request.
 */
export const apolloPort = (apollo: ApolloServer<RequestContext>, known: KnownOperations | null = null): ApolloPort => {
  let usable = known;
  return {
    start: () => apollo.start(),
    stop: () => {
      usable = null;
      return apollo.stop();
    },
    execute: async (params, context) => {
      if (hasNoText(params)) return refusedResult('BAD_REQUEST', NO_DOCUMENTS, context.requestId);
      try {
        const found = usable?.find(params, context) ?? null;
        if (usable !== null && found !== null) return await usable.execute(found, params, context);
        const response = await apollo.executeOperation(requestOf(params, context), { contextValue: context });
        return resultOf(response, context.requestId);
      } catch {
        return failed(context.requestId);
      }
    },
  };
};
