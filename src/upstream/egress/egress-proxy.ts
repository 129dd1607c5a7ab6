import type { ProxyEntry } from '../../config/egress/proxy-list.ts';
import type { Clock } from '../../core/clock.ts';
import type { Circuits } from '../circuit/circuit.ts';
import { MAX_PAUSE_MS, type Outcome } from '../outcome.ts';

/** What an attempt through a proxy has shown about the proxy. */
export type ProxyOutcome =
  /** It has passed on the request. */
  | { readonly is: 'answered' }
  /** It has rejected the request itself, as with 407 or 429. `retryAfterMs` is its Retry-After; null for none. */
  | { readonly is: 'refused'; readonly retryAfterMs: number | null }
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
  /** Attempts in flight. */
  readonly inFlight: number;
  readonly attempts: Readonly<Record<ProxyOutcome['is'], number>>;
}

/** An attempt through a proxy. */
export interface ProxyLease {
  readonly proxy: EgressProxy;
  /** Time of its start on the clock's scale. */
  readonly since: number;
  /** Ends the attempt. A second call does nothing. */
  end(outcome: ProxyOutcome): void;
}

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

  /** True if it may be used now. */
  get isUsable(): boolean {
    // A write that a probe loses is not: nothing of it has reached a backend.
    return this.#circuits.admission(ROUTE, true, CALLER) === 'admitted';
  }

  /** Milliseconds until it may be used. */
  get waitMs(): number {
    return this.isUsable ? 0 : (this.#circuits.snapshot()[0]?.opensForMs ?? FIRST_PAUSE_MS);
  }

  /** True if it has passed on an answer since this time. */
  hasAnsweredSince(at: number): boolean {
    return this.#answeredAt > at;
  }

  begin(): ProxyLease {
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
        permit.end(this.#meaningOf(outcome), outcome.is);
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
      inFlight: this.#inFlight,
      attempts: { ...this.#attempts },
    };
  }

  #meaningOf(outcome: ProxyOutcome): Outcome {
    switch (outcome.is) {
      case 'answered':
        this.#answeredAt = this.#clock.now();
        this.#refusals = 0;
        return SUCCESS;
      case 'refused': {
        const growing = Math.min(FIRST_PAUSE_MS * 2 ** this.#refusals, MAX_PAUSE_MS);
        // Attempts that were in flight together are one rejection.
        if (this.isUsable || this.#circuits.snapshot()[0]?.state === 'half-open') this.#refusals += 1;
        return { is: 'throttled', retryAfterMs: Math.max(outcome.retryAfterMs ?? 0, growing) };
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
