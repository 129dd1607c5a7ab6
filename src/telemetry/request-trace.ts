import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { CacheVerdict, EndedCall, LimitKind } from './metrics.ts';
import type { Telemetry } from './telemetry.ts';

/** A place in the trace of one request, and the request's record, which all of its places share. */
export interface RequestTrace {
  readonly record: RequestRecord;
  /** Null where the request belongs to no trace. */
  readonly traceId: string | null;
  /** Sent on, they make the next service's spans children of this place's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether what is said of the span that is open here is kept. Ask before making attributes: hardly any span is. */
  readonly isRecording: boolean;
  /** Begins a span below this place. */
  start(name: string, kind: SpanKind): OpenSpan;
  /** Says more of the span that is open here, if any. */
  set(attributes: Attributes): void;
}

/** A span that has begun. */
export interface OpenSpan extends RequestTrace {
  /** `error` is why this is one, in one word; absent where it is none. A second end does nothing. */
  end(error?: string): void;
}

export interface OperationRecord {
  readonly type: string;
  /** As the client named it; null where it did not. */
  readonly name: string | null;
  /** SHA-256 of the document, in hex. */
  readonly hash: string | null;
  /** Where its calls begin their spans. */
  readonly trace: RequestTrace;
}

const MOST_ADDRESSES = 32;
const MOST_CODES = 32;

const NONE: string[] = [];

/** The list with this one in it, unless it is full. */
const withOne = (list: string[], one: string, most: number): string[] => {
  if (list === NONE) return [one];
  if (list.length < most && !list.includes(one)) list.push(one);
  return list;
};

/** What is known of one request by its end: filled by whoever has something to say, read by the access log. */
export class RequestRecord {
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  // Lists, as there are few of each; and none of most, which share one that is empty.
  #addresses: string[] = NONE;
  #codes: string[] = NONE;
  #verdicts: Map<CacheVerdict, number> | null = null;
  #calls = 0;
  #callsInFlight = 0;
  #busySince = 0;
  #busyMs = 0;
  #operation: OperationRecord | null = null;
  #operationSince = 0;

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  /** Null until an operation was chosen. */
  get operation(): OperationRecord | null {
    return this.#operation;
  }

  operationChosen(operation: OperationRecord): void {
    this.#operation = operation;
    this.#operationSince = this.#clock.now();
  }

  operationEnded(failed: boolean): void {
    if (this.#operation === null) return;
    const durationMs = this.#clock.now() - this.#operationSince;
    this.#telemetry.metrics.operationEnded({ name: this.#operation.name, failed, durationMs });
  }

  /** What a cache said to so many keys. */
  cached(verdict: CacheVerdict, count = 1): void {
    if (count < 1) return;
    this.#verdicts ??= new Map();
    this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + count);
    this.#telemetry.metrics.cached(verdict, count);
  }

  /** A limit said no. */
  refused(limit: LimitKind): void {
    this.#telemetry.metrics.refused(limit);
  }

  /** An error in the answer. */
  failed(code: string): void {
    this.#telemetry.metrics.errorSent(code);
    this.#codes = withOne(this.#codes, code, MOST_CODES);
  }

  callStarted(upstream: string): number {
    this.#telemetry.metrics.callStarted(upstream);
    const now = this.#clock.now();
    this.#calls += 1;
    this.#callsInFlight += 1;
    if (this.#callsInFlight === 1) this.#busySince = now;
    return now;
  }

  callEnded(call: EndedCall, startedAt: number): void {
    const now = this.#clock.now();
    this.#callsInFlight -= 1;
    if (this.#callsInFlight === 0) this.#busyMs += now - this.#busySince;
    this.#telemetry.metrics.callEnded(call, now - startedAt);
  }

  /** An endpoint was chosen for a call. */
  reached(address: string): void {
    this.#addresses = withOne(this.#addresses, address, MOST_ADDRESSES);
  }

  /** Different codes of the answer's errors. */
  get errorCodes(): readonly string[] {
    return this.#codes;
  }

  /** Keys by verdict; null where no cache was asked. */
  get cache(): Readonly<Partial<Record<CacheVerdict, number>>> | null {
    return this.#verdicts === null ? null : Object.fromEntries(this.#verdicts);
  }

  /** `ms` is the time in which at least one call was in flight. */
  get upstream(): { readonly calls: number; readonly ms: number; readonly addresses: readonly string[] } {
    const open = this.#callsInFlight > 0 ? this.#clock.now() - this.#busySince : 0;
    return { calls: this.#calls, ms: this.#busyMs + open, addresses: this.#addresses };
  }
}
