import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Endpoint } from './endpoint.ts';
import type { Member } from './member.ts';
import { Cancellation, type Signal } from './signal.ts';

/** What is sent to a REST backend. `target` is the encoded path with its query, relative to the endpoint's base path. */
export interface RestMessage {
  readonly protocol: 'rest';
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly target: string;
  /** Sent as it is, with `content-type: application/json` unless the call's headers have a type; null sends no body. */
  readonly body: string | null;
  /** Whether only the status counts: the answer's value is undefined, whatever its body is. Default false. */
  readonly statusOnly?: boolean;
}

/** What is sent to a gRPC backend: one message, one answer. */
export interface GrpcMessage {
  readonly protocol: 'grpc';
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  readonly request: Uint8Array;
  /** Whether the method only reads. Default false. */
  readonly safe?: boolean;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Whether the answer is any number of messages, as an `AsyncIterable` of decoded ones. Default false: exactly one. */
  readonly streaming?: boolean;
}

/** One logical request to an upstream, as a value: to change a call, send a changed copy. */
export interface Call {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** Low-cardinality name, used in errors, spans and metrics: `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
  /** Whether sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** Who asks, as `principalKey` puts it: what is shared between calls is shared within it only. */
  readonly principalKey: string;
  /** Key of the caller for circuits and pauses. Default: `principalKey`. */
  readonly caller?: string | undefined;
  /** True where the upstream distinguishes callers too, so that its 429 concerns this caller alone. Default false. */
  readonly isIdentified?: boolean | undefined;
  /** Names in lower case. Only what the gateway itself decided to send. */
  readonly headers: Readonly<Record<string, string>>;
  readonly message: RestMessage | GrpcMessage;
  /** On the clock's scale. Nobody waits for an answer beyond it. */
  readonly deadline: number;
  /** Aborted when nobody waits any more; its reason is the error to fail with. */
  readonly signal: Signal;
  /** Whether whoever made the signal aborts it at the deadline, too. Default false: somebody further in has to see to that. */
  readonly bounded?: boolean | undefined;
  /** Where in the trace of its request this call belongs; null for calls that no request has caused. */
  readonly request: RequestTrace | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Where this attempt goes; null until an endpoint was chosen. */
  readonly endpoint: Endpoint | null;
  /** The chosen endpoint as its upstream knows it. */
  readonly member?: Member | undefined;
  /** When it was chosen, on the clock's scale. */
  readonly chosenAt?: number | undefined;
  /** Whether it goes there although a circuit is open: nothing better was left. */
  readonly inPanic?: boolean | undefined;
  /** Where attempts of this call have been sent. The balancer adds to it, and goes elsewhere while it can. */
  readonly visited?: Set<Endpoint> | undefined;
  /** Whether it may go nowhere where it has been: it would only wait there once more. Default false. */
  readonly elsewhere?: boolean | undefined;
  /** What keeps equal callers at one endpoint, where the upstream wants that; null where this caller has none. */
  readonly affinity?: string | null | undefined;
}

/** What came back: a complete answer of a backend, good or bad. Copied by naming its fields: some may be worked out when they are read. */
export interface Answer {
  /** The HTTP status of a REST answer, the gRPC status code (0 is OK) of a gRPC one. */
  readonly status: number;
  /** Names in lower case; gRPC trailers are among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body as they arrived. */
  readonly size: number;
  /** Parsed JSON, or the decoded message, or the messages of a stream. `undefined` where there was no body. */
  readonly value: unknown;
  /** Of a stream: settles, and never rejects, once nothing more will come. The call is under way until then. */
  readonly ended?: Promise<void>;
}

/** Rejects with an `UpstreamError`, or with the signal's reason. */
export type Send = (call: Call) => Promise<Answer>;

/** Wraps the rest of a stack. */
export type Layer = (next: Send) => Send;

/** Composes layers into one. The first layer listed sees the call first and its outcome last. */
export const stack =
  (...layers: readonly Layer[]): Layer =>
  (send) =>
    layers.reduceRight((next, layer) => layer(next), send);

/** A copy of a call that whoever made it may still fill in before it is sent. */
export type Copy = { -readonly [Field in keyof Call]-?: Call[Field] };

/** Names every field, always in one order: what reads calls then meets objects of one shape, which is most of what a copy costs. */
export const copyOf = (call: Call): Copy => ({
  upstream: call.upstream,
  route: call.route,
  idempotent: call.idempotent,
  principalKey: call.principalKey,
  caller: call.caller,
  isIdentified: call.isIdentified,
  headers: call.headers,
  message: call.message,
  deadline: call.deadline,
  signal: call.signal,
  bounded: call.bounded,
  request: call.request,
  attempt: call.attempt,
  endpoint: call.endpoint,
  member: call.member,
  chosenAt: call.chosenAt,
  inPanic: call.inPanic,
  visited: call.visited,
  elsewhere: call.elsewhere,
  affinity: call.affinity,
});

/** The caller of a call. */
export const callerOf = ({ caller, principalKey }: Call): string => caller ?? principalKey;

/** A copy of a call that can be aborted without aborting the call it was made from. */
export interface Fork {
  readonly call: Call;
  abort(reason: Error): void;
  /** Lets go of the original call's signal. Call it once the copy has settled. */
  release(): void;
}

const ONCE = { once: true };

export const fork = (call: Call): Fork => {
  const own = new Cancellation();
  const follow = () => own.abort(call.signal.reason);
  if (call.signal.aborted) follow();
  else call.signal.addEventListener('abort', follow, ONCE);
  const copy = copyOf(call);
  copy.signal = own;
  return {
    call: copy,
    abort: (reason) => own.abort(reason),
    release: () => call.signal.removeEventListener('abort', follow),
  };
};
