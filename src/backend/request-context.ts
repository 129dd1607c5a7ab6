import type { Principal } from '../auth/principal.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Signal } from '../upstream/signal.ts';

export { ANONYMOUS, type Principal } from '../auth/principal.ts';

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
}
