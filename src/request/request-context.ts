import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Principal } from './principal.ts';
import type { RequestLimits } from './request-limits.ts';
import type { RequestRules } from './request-rules.ts';

export { ANONYMOUS, type Principal } from './principal.ts';

/** Estimated memory of one request. */
export interface RequestMemory {
  /** Adds bytes. Returns false once the request must end to free memory for others. */
  grow(bytes: number): boolean;
  /** Marks the request as one that may be ended early: a query, which the client can repeat. */
  mayEnd(): void;
}

/** Facts of the connection of a client, which an upstream may receive by `forward`. */
export interface ClientConnection {
  readonly scheme: 'http' | 'https';
  /** Host of the client's request, with its port: one of `PUBLIC_HOSTS`. Null without that variable. */
  readonly host: string | null;
  /** Verified certificate of the TLS peer; null for none. */
  readonly certificate: ClientCertificate | null;
}

/** Context of one client request, from its arrival until its answer is written. */
export interface RequestContext {
  /** Sent by the client or generated; part of every log line, error and answer. */
  readonly requestId: string;
  readonly principal: Principal;
  /** The client's headers, names in lower case. Not sent to a backend unless the upstream's `forward` names them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientAddress: string;
  /** Default: `http`, and nothing else is known. */
  readonly connection?: ClientConnection;
  /** Milliseconds on the clock's scale. No answer is written later. */
  readonly deadline: number;
  /**
   * Aborted at the deadline (reason: `GatewayError` TIMEOUT) or after a disconnect of the client (`ClientGoneError`).
   */
  readonly signal: AbortSignal;
  /** Parent of this request's spans, and the record for its log line. */
  readonly trace: RequestTrace;
  /** Default: memory is not counted. */
  readonly memory?: RequestMemory;
  /** Limits that are counted with the operation. Default: none. */
  readonly limits?: RequestLimits;
  /** Rules that read the operation. They come before the limits. Default: none. */
  readonly rules?: RequestRules;
}
