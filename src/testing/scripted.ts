import type { GrpcMessage, RestMessage } from '../upstream/call.ts';
import type { ServiceResolvers } from './scripted-service.ts';
import type { WireRequest } from './wire-request.ts';

/** A request to a scripted upstream: as sent over the network, with its parts parsed. */
export interface ScriptedRequest extends WireRequest {
  /** `GET /levels/{sku}`, or `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
  /** Encoded path of a REST call; method path of a gRPC call. */
  readonly path: string;
  readonly query: URLSearchParams;
  /**
   * Decoded message of a gRPC call. For REST by its `content-type`: parsed JSON, the URLSearchParams of a form, the
   * FormData of a multipart body, the text of a `text/` type, else the bytes. Undefined without a body.
   */
  readonly body: unknown;
  /** Decoded messages of a client-streaming call, which has no `body`. They can be read once. Empty for other calls. */
  readonly messages: AsyncIterable<unknown>;
}

/** An answer with an explicit status: an HTTP status with problem details, or a gRPC status. */
export interface ScriptedStatus {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

class Reply implements ScriptedStatus {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor({ status, body, headers = {} }: ScriptedStatus) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/**
 * Creates an answer with a status: `reply({ status: 404 })`, `reply({ status: 409, body: { type: '/shipped' } })`. For
 * gRPC it is the number of the status, `reply({ status: 14 })`, and a body is `{ message, details }`, with details as
 * `errors` receives them.
 */
export const reply = (answer: ScriptedStatus): ScriptedStatus => new Reply(answer);

export const isReply = (value: unknown): value is Required<ScriptedStatus> => value instanceof Reply;

/** Any value. `unknown` would absorb the rest of a union and leave a callback's parameters untyped. */
// biome-ignore lint/complexity/noBannedTypes: see above
type Value = {} | null | undefined;

/**
 * The answer, or a function that computes it from the request. An Error breaks the connection. A call that reads text or
 * bytes receives a string or a Uint8Array as it is; one that reads a stream also a list of these, in which an Error
 * breaks the stream.
 */
export type ScriptedAnswer = ((request: ScriptedRequest) => unknown) | Value;

/**
 * The messages of a stream in order, or a function that computes them from the request. A `reply` ends the stream with
 * its status, an Error with a lost connection. As the first element of a list they reject the call. Later elements are
 * ignored.
 */
export type ScriptedStream =
  | readonly unknown[]
  | ((request: ScriptedRequest) => readonly unknown[] | Promise<readonly unknown[]> | AsyncIterable<unknown>);

type Method = RestMessage['method'];

/** An upstream with answers from a test. Each answer may be used any number of times. */
export interface Scripted {
  get(template: string, answer: ScriptedAnswer): Scripted;
  head(template: string, answer: ScriptedAnswer): Scripted;
  post(template: string, answer: ScriptedAnswer): Scripted;
  put(template: string, answer: ScriptedAnswer): Scripted;
  patch(template: string, answer: ScriptedAnswer): Scripted;
  delete(template: string, answer: ScriptedAnswer): Scripted;
  /** Answers a gRPC method with one message, by its name in the .proto: `BatchGetStock`. */
  unary(method: string, answer: ScriptedAnswer): Scripted;
  /** Answers a gRPC method with a stream: `.stream('WatchStock', [{ available: 3 }, reply({ status: 14 })])`. */
  stream(method: string, messages: ScriptedStream): Scripted;
  /**
   * Answers every operation of a GraphQL service by executing the service's SDL, with these resolvers:
   * `.graphql({ Query: { review: (_root, { id }) => reviews.get(id) } })`. A function, a `reply` or an Error answers
   * with a whole response instead.
   */
  graphql(answer: ServiceResolvers | ((request: ScriptedRequest) => unknown) | ScriptedStatus | Error): Scripted;
  /** Answers by `scriptedName`. */
  readonly answers: ReadonlyMap<string, ScriptedAnswer>;
}

const STREAM = 'stream ';

/** Name of the answer of a GraphQL service in a script. */
export const GRAPHQL = 'graphql';

const build = (answers: ReadonlyMap<string, ScriptedAnswer>): Scripted => {
  const rest = (method: Method) => (template: string, answer: ScriptedAnswer) =>
    build(new Map(answers).set(`${method} ${template}`, answer));
  return {
    answers,
    get: rest('GET'),
    head: rest('HEAD'),
    post: rest('POST'),
    put: rest('PUT'),
    patch: rest('PATCH'),
    delete: rest('DELETE'),
    graphql: (answer) => build(new Map(answers).set(GRAPHQL, answer)),
    unary: (method, answer) => build(new Map(answers).set(method, answer)),
    stream: (method, messages) => build(new Map(answers).set(STREAM + method, messages)),
  };
};

/**
 * Creates an upstream that is answered by the test instead of the network: `scripted().get('/levels/{sku}', {
 * available: 3 })`.
 */
export const scripted = (): Scripted => build(new Map());

/** Returns the last segment of a gRPC route: the method's name in the .proto. */
export const methodOf = (route: string): string => route.split('/').at(-1) ?? route;

export const isStream = (message: RestMessage | GrpcMessage): boolean =>
  message.protocol === 'grpc' && message.streaming === true;

/** Returns the name of a call in a script: `GET /levels/{sku}`, `BatchGetStock`, `stream WatchStock`. */
export const scriptedName = (route: string, message: RestMessage | GrpcMessage): string => {
  if (message.protocol === 'rest') return route;
  return isStream(message) ? STREAM + methodOf(route) : methodOf(route);
};
