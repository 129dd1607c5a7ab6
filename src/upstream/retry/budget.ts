import type { Clock } from '../../core/clock.ts';
import type { RetrySettings } from '../options.ts';

const SLICE_MS = 1_000;
/** Seconds for which a deposit can be spent: the time to live in Finagle's RetryBudget. */
const SLICES = 10;
/** Tolerance for rounding errors: ten deposits of a tenth are one attempt. */
const ROUNDING = 1e-9;

/**
 * Limits the further attempts of one upstream, so that an outage does not multiply its load (after Finagle's
 * RetryBudget). Retries and hedges share one budget.
 *
 * Every call deposits `budgetRatio` of an attempt, which expires after 10 seconds. In addition, each second has a
 * reserve of `budgetPerSecond` attempts, which does not accumulate. Over any period, further attempts are at most
 * `budgetRatio` of the calls in the period and in the 10 seconds before, plus `budgetPerSecond` for each second begun.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #ratio: number;
  readonly #perSecond: number;
  readonly #startedAt: number;
  /** Unspent deposits of the last seconds, by second modulo SLICES. */
  readonly #deposits = new Float64Array(SLICES);
  #second = 0;
  #reserve: number;

  constructor({ budgetRatio, budgetPerSecond }: Pick<RetrySettings, 'budgetRatio' | 'budgetPerSecond'>, clock: Clock) {
    this.#clock = clock;
    this.#ratio = budgetRatio;
    this.#perSecond = budgetPerSecond;
    this.#startedAt = clock.now();
    this.#reserve = budgetPerSecond;
  }

  /** Deposits the share of one call. */
  called(): void {
    this.#turn();
    const slot = this.#second % SLICES;
    this.#deposits[slot] = this.#at(slot) + this.#ratio;
  }

  /** Spends one attempt. Returns false, without spending, if less than one is left. */
  take(): boolean {
    this.#turn();
    if (this.#reserve + ROUNDING >= 1) {
      this.#reserve -= 1;
      return true;
    }
    if (this.#deposited() + ROUNDING < 1) return false;
    this.#spendOldest();
    return true;
  }

  /** Returns the number of attempts left, fractions included. */
  balance(): number {
    this.#turn();
    return this.#reserve + this.#deposited();
  }

  /** Drops expired deposits and adds the reserve of new seconds. */
  #turn(): void {
    const second = Math.floor((this.#clock.now() - this.#startedAt) / SLICE_MS);
    const passed = second - this.#second;
    if (passed <= 0) return;
    for (let ahead = 1; ahead <= Math.min(passed, SLICES); ahead += 1)
      this.#deposits[(this.#second + ahead) % SLICES] = 0;
    this.#second = second;
    // A reserve below one attempt a second accumulates up to one attempt.
    this.#reserve = Math.min(this.#reserve + passed * this.#perSecond, Math.ceil(this.#perSecond));
  }

  #spendOldest(): void {
    let owed = 1;
    for (let ahead = 1; ahead <= SLICES; ahead += 1) {
      const slot = (this.#second + ahead) % SLICES;
      const spent = Math.min(owed, this.#at(slot));
      this.#deposits[slot] = this.#at(slot) - spent;
      owed -= spent;
    }
  }

  #deposited(): number {
    let sum = 0;
    for (const deposit of this.#deposits) sum += deposit;
    return sum;
  }

  #at(slot: number): number {
    return this.#deposits[slot] ?? 0;
  }
}
