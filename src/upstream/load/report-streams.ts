import type { Timer } from '../../core/clock.ts';
import type { Call, Send } from '../call.ts';
import type { Member } from '../endpoints/member.ts';
import type { LayerDependencies } from '../events.ts';
import { GrpcStatusError } from '../grpc/status.ts';
import { sleep } from '../retry/sleep.ts';
import { metricsOfMessage, reportOf } from './load-report.ts';
import { decodeReport, reportRequest } from './orca-report.ts';
import type { ReportedWeights } from './reported-weights.ts';

export interface ReportStreamParts {
  /** Interval of reports that is requested. */
  readonly intervalMs: number;
  /** The gRPC transport without layers: reports leave circuits and limits unchanged. */
  readonly send: Send;
  readonly weights: Pick<ReportedWeights, 'take'>;
  readonly dependencies: Pick<LayerDependencies, 'clock' | 'random'>;
}

const METHOD = 'xds.service.orca.v3.OpenRcaService/StreamCoreMetrics';
/** gRPC's connection backoff: first and longest wait, factor, jitter. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 120_000;
const FACTOR = 1.6;
const JITTER = 0.2;
/** A stream without a report for this many intervals, 10 s at least, is opened again. */
const SILENT_INTERVALS = 3;
const SHORTEST_SILENCE_MS = 10_000;

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const isUnimplemented = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof GrpcStatusError && error.cause.status === 'UNIMPLEMENTED';

/** Load reports outside of calls: one stream of ORCA's `OpenRcaService` to each endpoint (gRFC A51). */
export class ReportStreams {
  readonly #parts: ReportStreamParts;
  readonly #streams = new Map<Member, AbortController>();

  constructor(parts: ReportStreamParts) {
    this.#parts = parts;
  }

  /** Opens streams to new members, and ends those to members that are no longer in the list. */
  follow(members: readonly Member[]): void {
    const present = new Set(members);
    for (const [member, ended] of this.#streams) {
      if (present.has(member)) continue;
      ended.abort(new Error('the endpoint has left the list'));
      this.#streams.delete(member);
    }
    for (const member of present) {
      if (this.#streams.has(member)) continue;
      const ended = new AbortController();
      this.#streams.set(member, ended);
      void this.#watch(member, ended.signal);
    }
  }

  /** Ends all streams. */
  stop(): void {
    this.follow([]);
  }

  async #watch(member: Member, ended: AbortSignal): Promise<void> {
    const { random, clock } = this.#parts.dependencies;
    for (let waitMs = FIRST_WAIT_MS; !ended.aborted; waitMs = Math.min(waitMs * FACTOR, LONGEST_WAIT_MS)) {
      try {
        if (await this.#read(member, ended)) waitMs = FIRST_WAIT_MS;
      } catch (error) {
        // The server has no such service. Another request is sent once the endpoint is listed again.
        if (isUnimplemented(error)) return;
      }
      await sleep(waitMs * (1 + JITTER * (2 * random() - 1)), ended, clock).catch(() => {});
    }
  }

  /** Reads one stream to its end. Returns true if it had a report. */
  async #read(member: Member, ended: AbortSignal): Promise<boolean> {
    const { intervalMs, weights, dependencies } = this.#parts;
    const { clock } = dependencies;
    const own = new AbortController();
    const stop = () => own.abort(ended.reason);
    ended.addEventListener('abort', stop, { once: true });
    if (ended.aborted) stop();
    const silenceMs = Math.max(SILENT_INTERVALS * intervalMs, SHORTEST_SILENCE_MS);
    const limit = (): Timer => clock.after(silenceMs, () => own.abort(new Error('no load report arrived')));
    let silence = limit();
    let hadReport = false;
    try {
      const { value } = await this.#parts.send(this.#callTo(member, own.signal));
      if (!isAsyncIterable(value)) return false;
      for await (const message of value) {
        silence.cancel();
        silence = limit();
        hadReport = true;
        const report = reportOf(metricsOfMessage(message));
        if (report !== null) weights.take(member, report, clock.now());
      }
    } catch (error) {
      if (!hadReport) throw error;
    } finally {
      silence.cancel();
      ended.removeEventListener('abort', stop);
    }
    return hadReport;
  }

  #callTo({ endpoint }: Member, signal: AbortSignal): Call {
    return {
      upstream: 'load reports',
      route: METHOD,
      idempotent: true,
      principalKey: 'anonymous',
      headers: {},
      message: {
        protocol: 'grpc',
        path: `/${METHOD}`,
        request: reportRequest(this.#parts.intervalMs),
        decode: decodeReport,
        streaming: true,
      },
      // The stream stays open; the limit of silence ends it.
      deadline: Number.POSITIVE_INFINITY,
      signal,
      request: null,
      attempt: 1,
      endpoint,
    };
  }
}
