import type { GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../request/request-context.ts';

type Values = Readonly<Record<string, unknown>>;

/** Parameters of a GraphQL request, read and checked by its transport as far as possible without a schema. */
export interface GraphQLParams {
  /** Null if only an id or the hash of a persisted query was sent. */
  readonly query: string | null;
  /** Id of a trusted document, sent in place of its text. Default: none was sent. */
  readonly documentId?: string | null;
  /** SHA-256 of `query` in hex, if it is known. Default: not known. */
  readonly hash?: string;
  /** The name as sent. An empty one is treated as none, because many clients send it for an unnamed operation. */
  readonly operationName: string | null;
  readonly variables: Values | null;
  readonly extensions: Values | null;
  /** True if the transport must not run a mutation, such as GET. */
  readonly isReadOnly: boolean;
}

/** Result of one request, for any transport. */
export interface GraphQLResult {
  /** Errors for the client, each with its public code and the request id. */
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  /** Undefined if the request was not executed. */
  readonly data?: Values | null | undefined;
  readonly extensions?: Values | undefined;
  /** HTTP status that the errors or a plugin require. Undefined: none. A plugin may set any number. */
  readonly status: number | undefined;
  /** HTTP headers of the response, with names in lower case: cache policy, rate limits, and those of plugins. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The entry to the graph: each transport runs operations through it, and knows no GraphQL server. */
export interface GatewayPort {
  /**
   * Runs the operation of a request. Never rejects.
   *
   * It passes the deadline and the cancellation of `context` on to all calls, but does not wait for them: code that
   * ignores both may return later.
   */
  execute(params: GraphQLParams, context: RequestContext): Promise<GraphQLResult>;
}
