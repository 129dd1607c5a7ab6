import type { GrpcMessage, RestMessage } from '../upstream/call.ts';
import type { WireRequest } from './wire-request.ts';

/** A request to a scripted upstream: as it is sent over the network, and its parts. */
export interface ScriptedRequest extends WireRequest {
  /** `GET /levels/{sku}`, or `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
  /** The encoded path of a REST call; the method's path of a gRPC call. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Parsed JSON of a REST call, the decoded message of a gRPC call; undefined where there was none. */
  readonly body: unknown;
}

/** An answer other than a good one: an HTTP status with problem details, or a gRPC status. */
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
 * An answer with a status of its own: `reply({ status: 404 })`, `reply({ status: 409, body: { type: '/shipped' } })`,
 * and for gRPC its status number, `reply({ status: 14 })`.
 */
export const reply = (answer: ScriptedStatus): ScriptedStatus => new Reply(answer);

export const isReply = (value: unknown): value is Required<ScriptedStatus> => value instanceof Reply;

/** Every value. `unknown` would swallow the rest of a union, and leave a callback's parameters without a type. */
// biome-ignore lint/complexity/noBannedTypes: see above
type Value = {} | null | undefined;

/** A value, or what makes one of the request. An Error is a broken connection. */
export type ScriptedAnswer = ((request: ScriptedRequest) => unknown) | Value;

/**
 * The messages of a stream, in order, or what makes them of the request. Where a `reply`, or an Error, stands among them, the
 * stream ends with that status, or with its connection lost; at the beginning it is refused. What comes after it is never given.
 */
export type ScriptedStream =
  | readonly unknown[]
  | ((request: ScriptedRequest) => readonly unknown[] | Promise<readonly unknown[]>);

type Method = RestMessage['method'];

/** An upstream answered by hand. Each answer is given as often as it is asked for. */
export interface Scripted {
  get(template: string, answer: ScriptedAnswer): Scripted;
  post(template: string, answer: ScriptedAnswer): Scripted;
  put(template: string, answer: ScriptedAnswer): Scripted;
  patch(template: string, answer: ScriptedAnswer): Scripted;
  delete(template: string, answer: ScriptedAnswer): Scripted;
  /** `method` by its name in the .proto: `BatchGetStock`. */
  unary(method: string, answer: ScriptedAnswer): Scripted;
  /** The same of a method whose answer is a stream: `.stream('WatchStock', [{ available: 3 }, reply({ status: 14 })])`. */
  stream(method: string, messages: ScriptedStream): Scripted;
  /** Answers by `scriptedName`. */
  readonly answers: ReadonlyMap<string, ScriptedAnswer>;
}

const STREAM = 'stream ';

const build = (answers: ReadonlyMap<string, ScriptedAnswer>): Scripted => {
  const rest = (method: Method) => (template: string, answer: ScriptedAnswer) =>
    build(new Map(answers).set(`${method} ${template}`, answer));
  return {
    answers,
    get: rest('GET'),
    post: rest('POST'),
    put: rest('PUT'),
    patch: rest('PATCH'),
    delete: rest('DELETE'),
    unary: (method, answer) => build(new Map(answers).set(method, answer)),
    stream: (method, messages) => build(new Map(answers).set(STREAM + method, messages)),
  };
};

/** An upstream that answers what the test says, in place of the network: `scripted().get('/levels/{sku}', { available: 3 })`. */
export const scripted = (): Scripted => build(new Map());

/** A gRPC method by its name in the .proto: what its route ends in. */
export const methodOf = (route: string): string => route.split('/').at(-1) ?? route;

export const isStream = (message: RestMessage | GrpcMessage): boolean =>
  message.protocol === 'grpc' && message.streaming === true;

/** What a script calls the route of a call: `GET /levels/{sku}`, `BatchGetStock`, `stream WatchStock`. */
export const scriptedName = (route: string, message: RestMessage | GrpcMessage): string => {
  if (message.protocol === 'rest') return route;
  return isStream(message) ? STREAM + methodOf(route) : methodOf(route);
};
