import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { Clock } from '../core/clock.ts';
import type { LimitKind } from './metrics/limit-metrics.ts';
import type { CacheVerdict, EndedCall, EndedOperation, WaitCause } from './metrics/metrics.ts';
import type { Telemetry } from './telemetry.ts';

/** A position in the trace of one request, and the request's record, which all positions share. */
export interface RequestTrace {
  readonly record: RequestRecord;
  /** Null for a request without a trace. */
  readonly traceId: string | null;
  /** Headers for calls to other services. Their spans become children of this position. */
  readonly headers: Readonly<Record<string, string>>;
  /** True if the open span is recorded. Check it before computing attributes: most spans are not. */
  readonly isRecording: boolean;
  /** Starts a child span. */
  start(name: string, kind: SpanKind): OpenSpan;
  /** Sets attributes of the open span, if any. */
  set(attributes: Attributes): void;
}

/** A started span. */
export interface OpenSpan extends RequestTrace {
  /** Ends the span; `error` is the kind of its error, in one word. No effect on an ended span. */
  end(error?: string): void;
  /** Returns the same position with a record of its own, for one of several operations of the request. */
  part(clock: Clock): OpenSpan;
}

export interface OperationRecord {
  readonly type: string;
  /** As sent by the client; null without a name. */
  readonly name: string | null;
  /** SHA-256 of the document, in hex. */
  readonly hash: string | null;
  /** Parent of the spans of its calls. */
  readonly trace: RequestTrace;
}

/** Costs of an operation. */
export interface OperationCostRecord {
  /** The most that the operation can cost. */
  readonly static: number;
  /** What its execution cost. */
  readonly actual: number;
  /** Attempts of calls to backends, if each has a cost. */
  readonly calls?: number;
  /** Bytes of the JSON text of `data`, if they have a cost. */
  readonly bytes?: number;
}

const MAX_ADDRESSES = 32;
const MAX_CODES = 32;
const MAX_UNPLACED = 32;

/** A rule of `REQUEST_RULES`. */
export interface MetRule {
  readonly name: string;
  readonly action: string;
}

/** Adds a text to a set that has fewer than `max`, and makes the set for the first one. */
const withNext = (texts: Set<string> | null, text: string, max: number): Set<string> => {
  const set = texts ?? new Set();
  return set.size < max ? set.add(text) : set;
};

const NONE: readonly string[] = [];

const listed = (texts: ReadonlySet<string> | null): readonly string[] => (texts === null ? NONE : [...texts]);

/** Facts about one request, collected while it is handled and read by the access log. */
export class RequestRecord {
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  // perf: P17
  // Made for their first value: most requests have no error, no wait and no cached value.
  #addresses: Set<string> | null = null;
  #codes: Set<string> | null = null;
  #unplaced: Set<string> | null = null;
  #verdicts: Map<CacheVerdict, number> | null = null;
  #waits: Map<WaitCause, number> | null = null;
  /** Rules that the request is above. */
  #limits: Map<string, 'refused' | 'measured'> | null = null;
  #rules: MetRule[] | null = null;
  /** Static and real cost of the operation; null if no limit or client required them. */
  cost: OperationCostRecord | null = null;
  #calls = 0;
  #attempts = 0;
  #callsInFlight = 0;
  #busySince = 0;
  #busyMs = 0;
  #operation: OperationRecord | null = null;
  #operationSince = 0;

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  /** Null before an operation is selected. */
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
    this.measured({ name: this.#operation.name, failed, durationMs });
  }

  /** Measures an ended operation. */
  measured(ended: EndedOperation): void {
    this.#telemetry.metrics.operationEnded(ended);
  }

  /** Counts a cache result for `count` keys. */
  cached(verdict: CacheVerdict, count = 1): void {
    if (count < 1) return;
    this.#verdicts ??= new Map();
    this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + count);
    this.#telemetry.metrics.cached(verdict, count);
  }

  /** Counts a refusal by a limit. */
  refused(limit: LimitKind): void {
    this.#telemetry.metrics.refused(limit);
  }

  /** Counts a request above a rule of limits. */
  limited(rule: string, mode: 'enforce' | 'measure'): void {
    this.#telemetry.metrics.limited(rule, mode);
    this.#limits ??= new Map();
    this.#limits.set(rule, mode === 'enforce' ? 'refused' : 'measured');
  }

  /** Records a rule of `REQUEST_RULES` that the request meets. */
  ruled(name: string, action: string): void {
    this.#telemetry.metrics.ruled(name, action);
    this.#rules ??= [];
    this.#rules.push({ name, action });
  }

  /** The rules of `REQUEST_RULES` that the request meets; null for none. */
  get rules(): readonly MetRule[] | null {
    return this.#rules;
  }

  /** Rules that the request was above; null for none. */
  get limits(): Readonly<Record<string, 'refused' | 'measured'>> | null {
    return this.#limits === null ? null : Object.fromEntries(this.#limits);
  }

  /** Counts an error in the response. */
  failed(code: string): void {
    this.#telemetry.metrics.errorSent(code);
    this.#codes = withNext(this.#codes, code, MAX_CODES);
  }

  /** Records an error of a GraphQL service that has no place in the data of its response. */
  serviceFailed({
    upstream,
    route,
    code,
  }: {
    readonly upstream: string;
    readonly route: string;
    readonly code: string;
  }): void {
    this.#unplaced = withNext(this.#unplaced, `${upstream} ${route}: ${code}`, MAX_UNPLACED);
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

  /** Records a wait of a call before it was sent. */
  callWaited(upstream: string, cause: WaitCause, ms: number): void {
    this.#waits ??= new Map();
    this.#waits.set(cause, (this.#waits.get(cause) ?? 0) + ms);
    this.#telemetry.metrics.callWaited(upstream, cause, ms);
  }

  /** Milliseconds for which calls waited, by cause, added up; null without a wait. */
  get waits(): Readonly<Partial<Record<WaitCause, number>>> | null {
    return this.#waits === null ? null : Object.fromEntries(this.#waits);
  }

  /** Counts an attempt of a call, and records the endpoint that was selected for it. */
  reached(address: string): void {
    this.#attempts += 1;
    this.#addresses = withNext(this.#addresses, address, MAX_ADDRESSES);
  }

  /** Returns the number of attempts since the last call of this method: those of one operation. */
  takeAttempts(): number {
    const attempts = this.#attempts;
    this.#attempts = 0;
    return attempts;
  }

  /** Distinct codes of the errors in the response. */
  get errorCodes(): readonly string[] {
    return listed(this.#codes);
  }

  /** Errors of GraphQL services without a place, each kind once: `reviews.reviews query best: UPSTREAM_ERROR`. */
  get unplacedErrors(): readonly string[] {
    return listed(this.#unplaced);
  }

  /** Number of keys by cache result; null without any. */
  get cache(): Readonly<Partial<Record<CacheVerdict, number>>> | null {
    return this.#verdicts === null ? null : Object.fromEntries(this.#verdicts);
  }

  /** `ms` is the time with at least one call in flight. */
  get upstream(): { readonly calls: number; readonly ms: number; readonly addresses: readonly string[] } {
    const open = this.#callsInFlight > 0 ? this.#clock.now() - this.#busySince : 0;
    return { calls: this.#calls, ms: this.#busyMs + open, addresses: listed(this.#addresses) };
  }
}
