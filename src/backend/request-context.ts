import type { Principal } from '../auth/principal.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Signal } from '../upstream/signal.ts';

export { ANONYMOUS, type Principal } from '../auth/principal.ts';

/** Account of the memory that one request is estimated to hold. */
export interface RequestMemory {
  /** Adds bytes. @returns false once the request has to end, so that others have room */
  grow(bytes: number): boolean;
  /** Marks the request as one that may be ended: a query, which can be sent again. */
  mayEnd(): void;
}

/** What belongs to one client request, from its arrival until its answer is written. */
export interface RequestContext {
  /** Accepted from the client or made here; in every log line, error and answer. */
  readonly requestId: string;
  readonly principal: Principal;
  /** The client's headers, names in lower case. None goes to a backend unless the upstream's `forward` says so. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientAddress: string;
  /** On the clock's scale; no answer is written later. */
  readonly deadline: number;
  /** Aborted at the deadline (reason: `GatewayError` TIMEOUT) or once the client has left (`ClientGoneError`). */
  readonly signal: Signal;
  /** Where spans of this request begin, and what its log line will say. */
  readonly trace: RequestTrace;
  /** Default: memory is not counted. */
  readonly memory?: RequestMemory;
}
