import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type DocumentNode, Kind, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { CallSite } from '../../core/errors.ts';
import { jsonBody } from '../../core/json-body.ts';
import type { Call, Send } from '../../upstream/call.ts';
import { secretHeadersOf } from '../credentials/own-credentials.ts';
import { isAuthenticated } from '../define/error-codes.ts';
import { GRAPHQL_OPTIONS, type GraphqlUpstream } from '../define/upstream-options.ts';
import { validated } from '../rest/answer/validated.ts';
import type { BoundRequest } from './bind-request.ts';
import { headersFor } from './call-headers.ts';
import {
  type GraphqlAnswer,
  graphqlAnswer,
  type ServiceCodes,
  type ServiceError,
  serviceCodesOf,
} from './graphql-answer.ts';
import type { IdempotencyKey } from './idempotency.ts';
import { type HeaderRules, type RestHeaders, restHeaderRules } from './own-headers.ts';

interface QueryOptions<Response extends StandardSchemaV1> {
  /** A document with one named operation. The name is part of the route of the call. */
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Headers in addition to `forward`. */
  readonly headers?: RestHeaders;
  /** Any Standard Schema validator of `data`. Invalid data is UPSTREAM_BAD_RESPONSE. */
  readonly response: Response;
}

interface MutateOptions<Response extends StandardSchemaV1> extends QueryOptions<Response> {
  /** As in a call of `rest()`: declares that sending the mutation twice has the same effect as sending it once. */
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * A GraphQL upstream, bound to one request: for operations that the module writes by hand. Fields declared with `remote`
 * need no client.
 *
 * Rejects with an `UpstreamError` if the response has an error, even if it also has data.
 */
export interface GraphqlClient {
  query<Response extends StandardSchemaV1>(
    options: QueryOptions<Response>,
  ): Promise<StandardSchemaV1.InferOutput<Response>>;
  mutate<Response extends StandardSchemaV1>(
    options: MutateOptions<Response>,
  ): Promise<StandardSchemaV1.InferOutput<Response>>;
}

/** An operation for a service. */
export interface ServiceOperation {
  readonly type: 'query' | 'mutation';
  /** Name of the operation in the document. */
  readonly name: string;
  readonly document: string;
}

/** What a call of an operation has in addition to its document. */
export interface OperationCall {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers?: RestHeaders | undefined;
  readonly idempotencyKey?: IdempotencyKey | undefined;
}

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/** Documents of modules with their operation. Modules have few: they are constants. */
const operations = new LRUCache<string, ServiceOperation>({ max: 1_000 });

const parsed = (document: string): DocumentNode => {
  try {
    return parse(document);
  } catch (error) {
    throw new Error(`the document is invalid: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
};

const operationIn = (document: string): ServiceOperation => {
  const known = operations.get(document);
  if (known !== undefined) return known;
  const found = parsed(document).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [operation] = found;
  if (operation?.name === undefined || found.length > 1)
    throw new Error('the document must have exactly one operation, with a name: query Reviews { … }');
  if (operation.operation === 'subscription') throw new Error('subscriptions are not supported');
  const made: ServiceOperation = { type: operation.operation, name: operation.name.value, document };
  operations.set(document, made);
  return made;
};

/** Settings of an upstream that concern its client. */
interface ClientSettings {
  readonly rules: HeaderRules;
  readonly path: string;
  readonly codes: ServiceCodes;
}

const known = new WeakMap<GraphqlUpstream, ClientSettings>();

const settingsOf = (definition: GraphqlUpstream): ClientSettings => {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const { protocol: _, ...options } = definition;
  const traffic = GRAPHQL_OPTIONS.parse(options);
  const { path, serviceCodes } = traffic;
  const rules = restHeaderRules(traffic, secretHeadersOf(definition)).json;
  const made = { rules, path, codes: serviceCodesOf(isAuthenticated(definition), serviceCodes) };
  known.set(definition, made);
  return made;
};

/** The client of one upstream for one request. */
export class BoundGraphqlClient implements GraphqlClient {
  readonly #settings: ClientSettings;
  readonly #request: BoundRequest;
  readonly #send: Send;
  readonly #headersOf: ReturnType<typeof headersFor>;

  constructor(definition: GraphqlUpstream, request: BoundRequest, send: Send) {
    this.#settings = settingsOf(definition);
    this.#request = request;
    this.#send = send;
    this.#headersOf = headersFor(request);
  }

  query<Response extends StandardSchemaV1>(
    options: QueryOptions<Response>,
  ): Promise<StandardSchemaV1.InferOutput<Response>> {
    return this.#validated('query', options);
  }

  mutate<Response extends StandardSchemaV1>(
    options: MutateOptions<Response>,
  ): Promise<StandardSchemaV1.InferOutput<Response>> {
    return this.#validated('mutation', options);
  }

  /**
   * Sends an operation and returns its data with its errors.
   *
   * @throws UpstreamError for a failed call, and UPSTREAM_BAD_RESPONSE for an answer that is no GraphQL response
   */
  async execute(operation: ServiceOperation, call: OperationCall): Promise<GraphqlAnswer> {
    const sent = this.#callOf(operation, call);
    const { value } = await this.#send(sent);
    return graphqlAnswer(value, sent, this.#settings.codes);
  }

  /** Records errors that have no place in the data of a response. */
  unplaced(errors: readonly ServiceError[]): void {
    for (const { error } of errors) this.#request.trace.record.serviceFailed(error);
  }

  /** Names the calls of an operation in errors. */
  siteOf({ type, name }: ServiceOperation): CallSite {
    return { upstream: this.#request.upstream, route: `${type} ${name}` };
  }

  async #validated<Response extends StandardSchemaV1>(
    type: ServiceOperation['type'],
    { document, variables = {}, headers, response, idempotencyKey }: MutateOptions<Response>,
  ): Promise<StandardSchemaV1.InferOutput<Response>> {
    const operation = this.#operationOf(document, type);
    const call = this.#callOf(operation, { variables, headers, idempotencyKey });
    const { value } = await this.#send(call);
    const { data, errors } = graphqlAnswer(value, call, this.#settings.codes);
    const [first] = errors;
    if (first !== undefined) throw first.error;
    return validated(response, data, call);
  }

  #operationOf(document: string, type: ServiceOperation['type']): ServiceOperation {
    const at = this.#request.upstream;
    try {
      const operation = operationIn(document);
      if (operation.type === type) return operation;
      const method = operation.type === 'query' ? 'query' : 'mutate';
      throw new Error(`${operation.name} is a ${operation.type}: use ${method}(…)`);
    } catch (error) {
      throw new Error(`${at}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  #callOf({ type, name, document }: ServiceOperation, { variables, headers, idempotencyKey }: OperationCall): Call {
    const request = this.#request;
    const route = `${type} ${name}`;
    const isQuery = type === 'query';
    return {
      upstream: request.upstream,
      route,
      idempotent: isQuery || idempotencyKey !== undefined,
      principalKey: request.principalKey,
      subject: request.subject,
      caller: request.caller,
      isIdentified: request.isIdentified,
      headers: { accept: ACCEPT, ...this.#headersOf({ route, headers, idempotencyKey }, this.#settings.rules) },
      message: {
        protocol: 'rest',
        method: 'POST',
        target: this.#settings.path,
        body: jsonBody({ query: document, operationName: name, variables }),
        safe: isQuery,
      },
      deadline: request.deadline,
      signal: request.signal,
      bounded: true,
      request: request.trace,
      attempt: 1,
      endpoint: null,
      affinity: request.affinity,
      origin: request.origin,
    };
  }
}
