import type { RestMessage } from '../call.ts';

/** What a call sends, for `transform.request`: the caller's own data only. */
export interface TransformedCall {
  /** Low-cardinality name of the call: `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
  /** Subset that a route has chosen; null without routes. */
  readonly subset: string | null;
  /** Headers or metadata so far, names in lower case. Those of the trace and of `headers` and `auth` are added later. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * gRPC: the message. REST: the parsed JSON body, in which integers beyond 2^53 are bigints; another body as text or
   * bytes. Undefined without a body, and for a stream.
   */
  readonly value: unknown;
}

/** A call to a REST backend, for `transform.request`. */
export interface TransformedRestCall extends TransformedCall {
  readonly method: RestMessage['method'];
  /** Encoded path with its query, below the path of the endpoint. */
  readonly target: string;
}

/** What differs in the call that is sent; absent properties are unchanged. */
export interface SentChange {
  /** Headers in addition to the call's; one of the same name is replaced. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not for a stream. */
  readonly value?: unknown;
}

/** What differs in the REST call that is sent. Text and bytes are sent as they are, other values as JSON. */
export interface SentRestChange extends SentChange {
  /** A read stays a read: it is shared and retried, whatever its method. */
  readonly method?: RestMessage['method'];
  readonly target?: string;
  /** Form in which the answer is read for `transform.response`. Default: as the call requires. */
  readonly as?: 'json' | 'text' | 'bytes';
}

/** A successful answer, for `transform.response`. Its value belongs to this caller alone. */
export interface TransformedAnswer {
  readonly route: string;
  readonly subset: string | null;
  /** HTTP status; 0 for gRPC. */
  readonly status: number;
  /** Names in lower case; includes gRPC trailers. */
  readonly headers: Readonly<Record<string, string>>;
  /** REST: the body in its form. gRPC: the decoded message. */
  readonly value: unknown;
}

/** Hooks of an upstream. Both are synchronous. */
export interface Transform<Given extends TransformedCall = TransformedRestCall, Change = SentRestChange> {
  /** Returns what differs in the call that is sent. */
  readonly request?: ((call: Given) => Change) | undefined;
  /** Returns the value that the module receives, before `rows` and `response` apply. */
  readonly response?: ((answer: TransformedAnswer) => unknown) | undefined;
}

export type RestTransform = Transform;
export type GrpcTransform = Transform<TransformedCall, SentChange>;
