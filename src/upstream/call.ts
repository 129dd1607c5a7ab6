import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { CallSubject } from './credentials/call-subject.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { Member } from './endpoints/member.ts';
import type { Outcome } from './outcome.ts';
import type { CallOrigin } from './routing/call-origin.ts';
import { BodyStream } from './stream/body-stream.ts';

/**
 * Form of an answer's value: parsed JSON, text in its charset, a Uint8Array, an `AsyncIterable` of Uint8Array, or
 * undefined whatever the body is.
 */
export type AnswerForm = 'json' | 'text' | 'bytes' | 'stream' | 'none';

/**
 * Forms for pass-through routes: `raw` is the body of any accepted status as it arrives, a `RawBody`; `socket` is the
 * connection after an upgrade to WebSocket.
 */
export type PassedForm = 'raw' | 'socket';

/** Message to a REST backend. `target` is the encoded path with its query, relative to the endpoint's base path. */
export interface RestMessage {
  readonly protocol: 'rest';
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly target: string;
  /**
   * Sent unchanged, with `content-type: application/json` unless the call's headers have a type; null sends no body. A
   * stream is sent in chunks.
   */
  readonly body: string | Uint8Array | BodyStream | null;
  /** Default `json`. */
  readonly as?: AnswerForm | PassedForm;
  /** For `raw`: true for a status that is the answer of the call, false for one that is its error. */
  readonly accepts?: (status: number) => boolean;
  /** True if only the status matters, also that of an error: the body is not read. Default false. */
  readonly statusOnly?: boolean;
  /** True if the caller accepts a 304, which has no value. Default false: a 304 is a bad answer. */
  readonly conditional?: boolean;
  /** True if the call only reads, as a GraphQL query by POST does. Default: GET and HEAD without a body read. */
  readonly safe?: boolean;
}

/** The messages of a client-streaming call, for one transport. */
export interface OutgoingMessages {
  /** True once the first message was taken. The call is then never sent again. */
  readonly isTaken: boolean;
  /** Returns the next message, encoded; null after the last one. @throws RequestStreamError */
  next(): Promise<Uint8Array | null>;
  /** Ends the iteration early. */
  stop(): void;
}

/** Codec of one type of messages. */
export interface MessageCodec {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

/** Message to a gRPC backend: one message, or a stream of them. */
export interface GrpcMessage {
  readonly protocol: 'grpc';
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  /** The only message; empty for a call with `outgoing`. */
  readonly request: Uint8Array;
  /** The messages of a client-streaming call. Default: `request` alone. */
  readonly outgoing?: OutgoingMessages | undefined;
  /** True if the method only reads. Default false. */
  readonly safe?: boolean;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Codec of `request`, for an upstream with `transform.request`. Absent for other upstreams, and for `outgoing`. */
  readonly codec?: MessageCodec | undefined;
  /** True if the answer is a stream: an `AsyncIterable` of decoded messages. Default false: exactly one message. */
  readonly streaming?: boolean;
}

/** The endpoints that a call is restricted to, chosen by a route. */
export interface RoutedSubset {
  readonly name: string;
  /** Subset that receives the call while this one has no usable endpoint; null for none. */
  readonly fallback: string | null;
  /** Called with the outcome of the first attempt in the subset itself. Default: none. */
  readonly observe?: ((outcome: Outcome, ms: number) => void) | undefined;
}

/** One logical request to an upstream, as a value: to change a call, send a changed copy. */
export interface Call {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** Low-cardinality name, used in errors, spans and metrics: `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
  /** True if sending the call twice has the same effect as sending it once. */
  readonly idempotent: boolean;
  /** Key of the principal, from `principalKey`. Calls of different principals share nothing. */
  readonly principalKey: string;
  /**
   * The caller, for an upstream with credentials that are issued for each caller. Default: none. Calls of different
   * subjects share nothing.
   */
  readonly subject?: CallSubject | undefined;
  /** Key of the caller for circuits and pauses. Default: `principalKey`. */
  readonly caller?: string | undefined;
  /** True if the upstream distinguishes callers too, so that its 429 concerns this caller alone. Default false. */
  readonly isIdentified?: boolean | undefined;
  /** Names in lower case. Contains only headers that the gateway decided to send. */
  readonly headers: Readonly<Record<string, string>>;
  readonly message: RestMessage | GrpcMessage;
  /** Latest time of an answer, on the clock's scale. */
  readonly deadline: number;
  /** Aborted when the caller no longer waits. The call rejects with its reason. */
  readonly signal: AbortSignal;
  /**
   * True if `signal` is already aborted at `deadline` by its owner; the deadline layer then adds no timer. Default
   * false.
   */
  readonly bounded?: boolean | undefined;
  /** Parent span and record of the request; null for calls without a request. */
  readonly request: RequestTrace | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Endpoint of this attempt; null until one is chosen. */
  readonly endpoint: Endpoint | null;
  /** The member of the chosen endpoint. */
  readonly member?: Member | undefined;
  /** Time of the choice, on the clock's scale. */
  readonly chosenAt?: number | undefined;
  /** True if the endpoint was chosen although its circuit is open or its checks fail, for lack of a better one. */
  readonly inPanic?: boolean | undefined;
  /** Endpoints that attempts of this call have been sent to. The balancer adds to it, and prefers others. */
  readonly visited?: Set<Endpoint> | undefined;
  /** If true, the balancer must not choose an endpoint in `visited`. Default false. */
  readonly elsewhere?: boolean | undefined;
  /** Affinity key: equal keys prefer the same endpoint. Null for none. */
  readonly affinity?: string | null | undefined;
  /** The client's request, for routes. Default: none, so that only routes without conditions hold. */
  readonly origin?: CallOrigin | undefined;
  /** Set by the route layer. Default: all endpoints. */
  readonly subset?: RoutedSubset | undefined;
}

/** A complete answer of a backend, successful or not. Copy it field by field: some fields may be getters. */
export interface Answer {
  /** HTTP status of a REST answer; gRPC status code (0 is OK) of a gRPC answer. */
  readonly status: number;
  /** Names in lower case; includes gRPC trailers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Size of the body as received, in bytes. */
  readonly size: number;
  /** Size of the body after decompression. Default: `size`. */
  readonly plainSize?: number | undefined;
  /** The body in the form that the message requires, the decoded message, or the messages of a stream. */
  readonly value: unknown;
  /** For a stream: resolves once it has ended, and never rejects. The call is in flight until then. */
  readonly ended?: Promise<void>;
}

/** Rejects with an `UpstreamError`, or with the signal's reason. */
export type Send = (call: Call) => Promise<Answer>;

/** Sends the calls of one upstream. */
export interface RoutedSend {
  (call: Call): Promise<Answer>;
  /**
   * Name of the subset of every call of this request; null if each call is drawn by weight. Absent for an upstream
   * without routes.
   */
  readonly subsetOf?: ((origin: CallOrigin) => string | null) | undefined;
  /**
   * Headers of the client's request, in lower case, that the present routes read, those of operators included. Absent for
   * an upstream without routes.
   */
  readonly routingHeaders?: (() => readonly string[]) | undefined;
}

/** Wraps the rest of a stack. */
export type Layer = (next: Send) => Send;

/** Composes layers into one. The first layer listed sees the call first and its outcome last. */
export const stack =
  (...layers: readonly Layer[]): Layer =>
  (send) =>
    layers.reduceRight((next, layer) => layer(next), send);

/** A copy of a call that can be changed before it is sent. */
export type Copy = { -readonly [Field in keyof Call]: Call[Field] };

export const copyOf = (call: Call): Copy => ({ ...call });

/** True for a call of a pass-through route. Its deadline bounds the whole stream. */
export const isPassed = ({ message }: Pick<Call, 'message'>): boolean =>
  message.protocol === 'rest' && (message.as === 'raw' || message.as === 'socket');

/** True if the answer is a stream. */
export const isStreaming = (call: Pick<Call, 'message'>): boolean =>
  call.message.protocol === 'rest' ? call.message.as === 'stream' || isPassed(call) : call.message.streaming === true;

/** The body of a client's request that a pass-through route sends on as it arrives; null for other calls. */
export const passedBody = (call: Pick<Call, 'message'>): BodyStream | null => {
  const { message } = call;
  return isPassed(call) && message.protocol === 'rest' && message.body instanceof BodyStream ? message.body : null;
};

/** True for a call with a stream of its caller as its request. The caller then determines its duration. */
export const isClientStream = (call: Pick<Call, 'message'>): boolean =>
  call.message.protocol === 'grpc' ? call.message.outgoing !== undefined : passedBody(call) !== null;

/** True for a call that changes nothing: GET and HEAD without a body, and single messages declared safe. */
export const isRead = ({ message }: Pick<Call, 'message'>): boolean => {
  if (message.protocol === 'grpc') return message.safe === true && message.outgoing === undefined;
  return message.safe ?? ((message.method === 'GET' || message.method === 'HEAD') && message.body === null);
};

/** Key of the caller. */
export const callerOf = ({ caller, principalKey }: Call): string => caller ?? principalKey;

/** A copy of a call that can be aborted without aborting the call it was made from. */
export interface Fork {
  readonly call: Call;
  abort(reason: Error): void;
  /** Removes the listener from the original call's signal. Call it once the copy has settled. */
  release(): void;
}

const ONCE = { once: true };

export const fork = (call: Call): Fork => {
  const own = new AbortController();
  const follow = () => own.abort(call.signal.reason);
  if (call.signal.aborted) follow();
  else call.signal.addEventListener('abort', follow, ONCE);
  const copy = copyOf(call);
  copy.signal = own.signal;
  return {
    call: copy,
    abort: (reason) => own.abort(reason),
    release: () => call.signal.removeEventListener('abort', follow),
  };
};
