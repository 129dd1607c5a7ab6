import type { ApolloServerPlugin } from '@apollo/server';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { PUBLIC_ERRORS } from '../../core/errors.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { Log } from '../../telemetry/log/log.ts';
import type { OpenSpan } from '../../telemetry/request-trace.ts';
import type { GraphQLParams, GraphQLResult } from '../gateway-port.ts';
import type { Run } from '../operation.ts';
import { completeErrors } from './complete-errors.ts';
import type { DocumentCache, PersistedQueryCache, ResolvedOperation } from './document-cache.ts';
import { operationChosen, operationEnded, operationFailed } from './observe-operations.ts';
import { type DomainMessages, formatError } from './public-errors.ts';
import { type Cacheability, setCacheHeaders, setLimitHeaders } from './response-headers.ts';
import { requiresPlan } from './show-plan.ts';

/** Keeps the operations that passed Apollo's parser, validation and choice of the operation. */
export const keepOperations = (documents: DocumentCache): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ request, document, operation, queryHash }) => {
      if (operation !== undefined) documents.keep(queryHash, request.operationName ?? null, { document, operation });
    },
  }),
});

/** A known operation with the hash of its document. */
export interface KnownOperation extends ResolvedOperation {
  readonly hash: string;
}

/** The way of known operations past Apollo's pipeline. */
export interface KnownOperations {
  /** Returns the operation of a request; null if the request must pass Apollo's pipeline. */
  find(params: GraphQLParams, context: RequestContext): KnownOperation | null;
  /**
   * Does what Apollo's pipeline and the gateway's plugins do after the choice of the operation. Rejects after an error of
   * the gateway itself, which is logged.
   */
  execute(known: KnownOperation, params: GraphQLParams, context: RequestContext): Promise<GraphQLResult>;
}

export interface KnownOperationsOptions {
  readonly documents: DocumentCache;
  readonly persisted: PersistedQueryCache;
  readonly run: Run;
  readonly cacheability: Cacheability;
  readonly domain: DomainMessages;
  readonly log: Log;
}

/** Returns the hash of a request's document; null for a persisted query that is not registered. */
const documentHash = (
  { query, hash: known, extensions }: GraphQLParams,
  documents: DocumentCache,
  persisted: PersistedQueryCache,
): string | null => {
  if (query !== null) return known ?? documents.hashOf(query);
  const sent: unknown = Object(extensions?.persistedQuery).sha256Hash;
  return typeof sent === 'string' && persisted.has(sent) ? sent : null;
};

const thrown = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError(error instanceof Error ? error.message : String(error), {
        originalError: error instanceof Error ? error : null,
      });

/** HTTP status of a result, as Apollo Server chooses it: that of variables which do not fit, without `data`, is 400. */
const statusOf = ({ data, errors }: ExecutionResult): number | undefined =>
  errors !== undefined && data === undefined ? PUBLIC_ERRORS.BAD_USER_INPUT.status : undefined;

interface Executed {
  readonly result: ExecutionResult;
  readonly status: number | undefined;
}

const nameOf = ({ operation }: KnownOperation): string | null => operation.name?.value ?? null;

export const knownOperations = (options: KnownOperationsOptions): KnownOperations => {
  const { documents, persisted, run, cacheability, domain, log } = options;

  const find = (params: GraphQLParams, context: RequestContext): KnownOperation | null => {
    if (requiresPlan(context.headers)) return null;
    const hashed = documentHash(params, documents, persisted);
    const found = hashed === null ? null : documents.find(hashed, params.operationName || null);
    if (hashed === null || found === null) return null;
    // Apollo rejects it with 405.
    if (params.isReadOnly && found.operation.operation !== 'query') return null;
    if (params.query !== null && params.extensions?.persistedQuery) persisted.register(hashed, params.query);
    return { ...found, hash: hashed };
  };

  const answered = (
    known: KnownOperation,
    { result, status }: Executed,
    context: RequestContext,
    span: OpenSpan,
  ): GraphQLResult => {
    const { data, errors, extensions } = result;
    const headers = new Map<string, string>();
    setLimitHeaders(context, headers);
    if (errors === undefined) {
      operationEnded(context, span, []);
      setCacheHeaders(cacheability, known, context, headers);
      return { data, extensions, status, headers };
    }
    operationFailed(context, errors, nameOf(known), log);
    const formatted = errors.map((error) => formatError(error.toJSON(), error, domain));
    operationEnded(context, span, formatted);
    return { errors: completeErrors(formatted, status, context.requestId), data, extensions, status, headers };
  };

  // One asynchronous function: each further one makes two promises.
  const execute = async (
    known: KnownOperation,
    { variables }: GraphQLParams,
    context: RequestContext,
  ): Promise<GraphQLResult> => {
    const { document, operation, hash } = known;
    try {
      const span = operationChosen(context, { type: operation.operation, name: nameOf(known), hash });
      let executed: Executed;
      try {
        const result = await run({ document, operation, variables: variables ?? {} }, context);
        executed = { result, status: statusOf(result) };
      } catch (error) {
        const { status } = PUBLIC_ERRORS.INTERNAL_SERVER_ERROR;
        executed = { result: { errors: [thrown(error)] }, status };
      }
      return answered(known, executed, context, span);
    } catch (error) {
      log.error('A request failed.', { requestId: context.requestId, error });
      throw error;
    }
  };

  return { find, execute };
};
