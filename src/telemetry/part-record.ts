import type { Clock } from '../core/clock.ts';
import type { CacheVerdict, EndedCall, EndedOperation, WaitCause } from './metrics/metrics.ts';
import { RequestRecord } from './request-trace.ts';
import { noTelemetry } from './telemetry.ts';

/**
 * The record of one of several operations of a request. All that it collects is in the record of the request, too, which
 * counts it in the metrics: once.
 */
export class PartRecord extends RequestRecord {
  readonly #whole: RequestRecord;

  constructor(whole: RequestRecord, clock: Clock) {
    super(noTelemetry, clock);
    this.#whole = whole;
  }

  override measured(ended: EndedOperation): void {
    this.#whole.measured(ended);
  }

  override cached(verdict: CacheVerdict, count?: number): void {
    super.cached(verdict, count);
    this.#whole.cached(verdict, count);
  }

  override refused(limit: Parameters<RequestRecord['refused']>[0]): void {
    this.#whole.refused(limit);
  }

  override limited(rule: string, mode: 'enforce' | 'measure'): void {
    super.limited(rule, mode);
    this.#whole.limited(rule, mode);
  }

  override ruled(name: string, action: string): void {
    super.ruled(name, action);
    this.#whole.ruled(name, action);
  }

  override failed(code: string): void {
    super.failed(code);
    this.#whole.failed(code);
  }

  override serviceFailed(failed: Parameters<RequestRecord['serviceFailed']>[0]): void {
    super.serviceFailed(failed);
    this.#whole.serviceFailed(failed);
  }

  override callStarted(upstream: string): number {
    this.#whole.callStarted(upstream);
    return super.callStarted(upstream);
  }

  override callEnded(call: EndedCall, startedAt: number): void {
    super.callEnded(call, startedAt);
    this.#whole.callEnded(call, startedAt);
  }

  override callWaited(upstream: string, cause: WaitCause, ms: number): void {
    super.callWaited(upstream, cause, ms);
    this.#whole.callWaited(upstream, cause, ms);
  }

  override reached(address: string): void {
    super.reached(address);
    this.#whole.reached(address);
  }
}
