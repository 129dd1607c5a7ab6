import type { ProxyEntry } from '../../config/egress/proxy-list.ts';
import type { Clock } from '../../core/clock.ts';
import type { Circuits } from '../circuit/circuit.ts';
import { MAX_PAUSE_MS, type Outcome } from '../outcome.ts';

/** What an attempt through a proxy has shown about the proxy. */
export type ProxyOutcome =
  /** It has passed on the request. */
  | { readonly is: 'answered' }
  /**
   * It has rejected the request, as with 407 or 429. `retryAfterMs` is its Retry-After; null for none. `of` is `upstream` if the
   * backend may have rejected the request: the proxy is then left alone by this upstream only.
   */
  | { readonly is: 'refused'; readonly retryAfterMs: number | null; readonly of: 'proxy' | 'upstream' }
  /** It cannot be reached, was lost, or did not answer while another proxy did. */
  | { readonly is: 'failed' }
  /** Nothing: the caller left, or the backend is as likely the cause. */
  | { readonly is: 'unknown' };

const FIRST_PAUSE_MS = 1_000;
const SUCCESS: Outcome = { is: 'success' };
const FAILURE: Outcome = { is: 'failure' };
const IGNORED: Outcome = { is: 'ignored' };
/** All attempts through a proxy share one circuit. */
const ROUTE = 'proxy';
const CALLER = '';

export const PROXY_STATES = ['up', 'open', 'half-open'] as const;

/** State of a proxy, for operators. */
export interface ProxyStatus {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: (typeof PROXY_STATES)[number];
  /** Milliseconds for which it receives no calls; null unless it is open. */
  readonly opensForMs: number | null;
  /** Milliseconds for which single upstreams leave it alone, by their names. */
  readonly pausedFor: Readonly<Record<string, number>>;
  /** Attempts in flight. */
  readonly inFlight: number;
  readonly attempts: Readonly<Record<ProxyOutcome['is'], number>>;
}

/** Rejections in a row, and the end of the pause after the last one. */
interface Pause {
  readonly refusals: number;
  readonly until: number;
}

/** An attempt through a proxy. */
export interface ProxyLease {
  readonly proxy: EgressProxy;
  /** Time of its start on the clock's scale. */
  readonly since: number;
  /** Ends the attempt. A second call does nothing. */
  end(outcome: ProxyOutcome): void;
}

/** Pause after this many rejections in a row: doubled each time, and as long as Retry-After at least. */
const pauseMs = (refusals: number, retryAfterMs: number | null): number =>
  Math.min(Math.max(retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** refusals), MAX_PAUSE_MS);

/** One egress proxy with its circuit. A changed credential makes another proxy. */
export class EgressProxy {
  readonly entry: ProxyEntry;
  readonly #circuits: Circuits;
  readonly #clock: Clock;
  readonly #attempts: Record<ProxyOutcome['is'], number> = { answered: 0, refused: 0, failed: 0, unknown: 0 };
  #inFlight = 0;
  /** Rejections in a row. */
  #refusals = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** Pauses by the name of the upstream, for which alone they hold. */
  readonly #pauses = new Map<string, Pause>();

  constructor(entry: ProxyEntry, circuits: Circuits, clock: Clock) {
    this.entry = entry;
    this.#circuits = circuits;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Number of attempts that have ended. */
  get used(): number {
    const { answered, refused, failed, unknown } = this.#attempts;
    return answered + refused + failed + unknown;
  }

  /** True if this upstream may use it now. */
  isUsableBy(upstream: string): boolean {
    return this.#isAdmitted() && this.#pausedMs(upstream) === 0;
  }

  /** Milliseconds until this upstream may use it. */
  waitMs(upstream: string): number {
    const ms = this.#isAdmitted() ? 0 : (this.#circuits.snapshot()[0]?.opensForMs ?? FIRST_PAUSE_MS);
    return Math.max(ms, this.#pausedMs(upstream));
  }

  /** True if it has passed on an answer since this time. */
  hasAnsweredSince(at: number): boolean {
    return this.#answeredAt > at;
  }

  begin(upstream: string): ProxyLease {
    const permit = this.#circuits.begin(ROUTE, CALLER);
    this.#inFlight += 1;
    let hasEnded = false;
    return {
      proxy: this,
      since: this.#clock.now(),
      end: (outcome) => {
        if (hasEnded) return;
        hasEnded = true;
        this.#inFlight -= 1;
        this.#attempts[outcome.is] += 1;
        permit.end(this.#meaningOf(outcome, upstream), outcome.is);
      },
    };
  }

  status(): ProxyStatus {
    const [circuit] = this.#circuits.snapshot();
    const isOpen = circuit?.state === 'open' && circuit.opensForMs !== null && circuit.opensForMs > 0;
    const isHalfOpen = circuit !== undefined && circuit.state !== 'closed' && !isOpen;
    return {
      name: this.entry.name,
      labels: this.entry.labels,
      state: isOpen ? 'open' : isHalfOpen ? 'half-open' : 'up',
      opensForMs: isOpen ? circuit.opensForMs : null,
      pausedFor: Object.fromEntries(
        [...this.#pauses.keys()].flatMap((upstream) => {
          const ms = Math.ceil(this.#pausedMs(upstream));
          return ms > 0 ? [[upstream, ms]] : [];
        }),
      ),
      inFlight: this.#inFlight,
      attempts: { ...this.#attempts },
    };
  }

  #isAdmitted(): boolean {
    // A probe that is a write loses nothing: nothing of it has reached a backend.
    return this.#circuits.admission(ROUTE, true, CALLER) === 'admitted';
  }

  #pausedMs(upstream: string): number {
    const pause = this.#pauses.get(upstream);
    return pause === undefined ? 0 : Math.max(0, pause.until - this.#clock.now());
  }

  #pause(upstream: string, retryAfterMs: number | null): void {
    // Attempts that were in flight together are one rejection.
    if (this.#pausedMs(upstream) > 0) return;
    const refusals = this.#pauses.get(upstream)?.refusals ?? 0;
    const until = this.#clock.now() + pauseMs(refusals, retryAfterMs);
    this.#pauses.set(upstream, { refusals: refusals + 1, until });
  }

  #meaningOf(outcome: ProxyOutcome, upstream: string): Outcome {
    switch (outcome.is) {
      case 'answered':
        this.#answeredAt = this.#clock.now();
        this.#refusals = 0;
        this.#pauses.delete(upstream);
        return SUCCESS;
      case 'refused': {
        if (outcome.of === 'upstream') {
          this.#pause(upstream, outcome.retryAfterMs);
          return IGNORED;
        }
        const retryAfterMs = pauseMs(this.#refusals, outcome.retryAfterMs);
        // Attempts that were in flight together are one rejection.
        if (this.#isAdmitted() || this.#circuits.snapshot()[0]?.state === 'half-open') this.#refusals += 1;
        return { is: 'throttled', retryAfterMs };
      }
      case 'failed':
        return FAILURE;
      case 'unknown':
        return IGNORED;
      default:
        return outcome satisfies never;
    }
  }
}
