import type { Timer } from '../../core/clock.ts';
import type { Candidate } from '../balance/candidate.ts';
import { drawWeighted } from '../balance/policy/weighted-random.ts';
import type { Call, RestMessage, Send } from '../call.ts';
import type { Member } from '../endpoints/member.ts';
import type { LayerDependencies } from '../events.ts';
import { outcomeOf } from '../outcome.ts';
import type { ProbeSettings } from './load-options.ts';
import { reportIn } from './load-report.ts';
import { ProbePool } from './probe-pool.ts';

/** The transport without layers: probes leave circuits, budgets and limits unchanged. */
export interface ProbeTransport {
  readonly protocol: 'rest' | 'grpc';
  readonly send: Send;
}

/** Probes are sent for this long after the last call. */
const IDLE_LIMIT_MS = 60_000;
const NO_BYTES = new Uint8Array(0);

const messageOf = (protocol: ProbeTransport['protocol'], path: string): Call['message'] =>
  protocol === 'grpc'
    ? { protocol, path, request: NO_BYTES, decode: () => undefined }
    : ({ protocol, method: 'GET', target: path, body: null, as: 'none' } satisfies RestMessage);

/**
 * Probes the load of endpoints in the background. Each call adds `perCall` probes, to endpoints that it could have gone
 * to, drawn by weight. An endpoint has at most one probe in flight. Nothing waits for a probe, and its failure is no
 * outcome of its endpoint.
 */
export class Probes {
  readonly pool: ProbePool;
  readonly #settings: ProbeSettings;
  readonly #dependencies: Pick<LayerDependencies, 'clock' | 'random'>;
  /** Null if probes are off. */
  readonly #transport: ProbeTransport | null;
  readonly #inFlight = new Map<Member, AbortController>();
  readonly #silent = new WeakSet<Member>();
  #due = 0;
  #lastCall = 0;
  #candidates: readonly Candidate[] = [];
  #idle: Timer | null = null;

  constructor(
    settings: ProbeSettings,
    dependencies: Pick<LayerDependencies, 'clock' | 'random'>,
    transport: ProbeTransport | null,
  ) {
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#transport = settings.path === undefined ? null : transport;
    this.pool = new ProbePool(settings);
  }

  /** True if no probe will have a report: probes are off, or the endpoint has answered the last one without. */
  isSilent(member: Member): boolean {
    return this.#transport === null || this.#silent.has(member);
  }

  /** Sends the probes that this call adds. `candidates` have the weights of the call, with the sum `total`. */
  called(candidates: readonly Candidate[], total: number, now: number): void {
    if (this.#transport === null) return;
    const { perCall, idleMs } = this.#settings;
    this.#lastCall = now;
    this.#candidates = candidates;
    for (this.#due += perCall; this.#due >= 1; this.#due -= 1) this.#probeOne(candidates, total, this.#transport);
    if (idleMs > 0) this.#idle ??= this.#waitForIdle(this.#transport);
  }

  stop(): void {
    this.#idle?.cancel();
    for (const probe of this.#inFlight.values()) probe.abort(new Error('the upstream is closed'));
  }

  #waitForIdle(transport: ProbeTransport): Timer {
    const { clock } = this.#dependencies;
    const { idleMs } = this.#settings;
    return clock.after(idleMs, () => {
      const quietMs = clock.now() - this.#lastCall;
      this.#idle = quietMs < IDLE_LIMIT_MS ? this.#waitForIdle(transport) : null;
      const total = this.#candidates.reduce((sum, { weight }) => sum + weight, 0);
      if (quietMs >= idleMs) this.#probeOne(this.#candidates, total, transport);
    });
  }

  #probeOne(candidates: readonly Candidate[], total: number, transport: ProbeTransport): void {
    const drawn = drawWeighted(candidates, total, this.#dependencies.random, null);
    if (drawn !== null && !drawn.member.draining && !this.#inFlight.has(drawn.member))
      void this.#probe(drawn.member, transport);
  }

  async #probe(member: Member, { protocol, send }: ProbeTransport): Promise<void> {
    const { clock } = this.#dependencies;
    const { timeoutMs, path = '/' } = this.#settings;
    const own = new AbortController();
    this.#inFlight.set(member, own);
    const timer = clock.after(timeoutMs, () => own.abort(new Error('the probe took too long')));
    try {
      const { headers } = await send({
        upstream: 'probe',
        route: protocol === 'rest' ? `GET ${path}` : path.slice(1),
        idempotent: true,
        principalKey: 'anonymous',
        headers: {},
        message: messageOf(protocol, path),
        deadline: clock.now() + timeoutMs,
        signal: own.signal,
        request: null,
        attempt: 1,
        endpoint: member.endpoint,
      });
      const report = reportIn(headers);
      if (report?.inFlight == null) this.#silent.add(member);
      else {
        this.#silent.delete(member);
        this.pool.take(member, report, clock.now());
      }
    } catch (error) {
      // The endpoint is alive and has no such path: an older version, for example.
      if (outcomeOf(error).is === 'success') this.#silent.add(member);
    } finally {
      timer.cancel();
      this.#inFlight.delete(member);
    }
  }
}
