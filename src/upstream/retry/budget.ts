import type { Clock } from '../../clock.ts';
import type { RetrySettings } from '../traffic.ts';

const SLICE_MS = 1_000;
/** How long a call's share can be spent: Finagle's time to live of a deposit. */
const SLICES = 10;
/** What sums of shares may be off by: ten tenths are one attempt. */
const ROUNDING = 1e-9;

/**
 * How many attempts one upstream gets beyond its calls: one budget for whatever sends again, retries and hedges alike, so that
 * an outage is not multiplied (after Finagle's RetryBudget).
 *
 * Every call deposits `budgetRatio` of an attempt, which can be spent within 10 seconds; beside that, each second has
 * `budgetPerSecond` of its own, not saved for later. So over any time further attempts are at most `budgetRatio` of the calls
 * (those of the 10 seconds before included) and `budgetPerSecond` a second, counted in seconds begun.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #ratio: number;
  readonly #perSecond: number;
  readonly #startedAt: number;
  /** Unspent deposits of the last seconds; that of second n is at n modulo the length. */
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

  /** Spends one attempt; false, and nothing is spent, where none is left. */
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

  /** How many attempts are left now, as a fraction. */
  balance(): number {
    this.#turn();
    return this.#reserve + this.#deposited();
  }

  /** Lets go of what is too old, and gives each new second its own. */
  #turn(): void {
    const second = Math.floor((this.#clock.now() - this.#startedAt) / SLICE_MS);
    const passed = second - this.#second;
    if (passed <= 0) return;
    for (let ahead = 1; ahead <= Math.min(passed, SLICES); ahead += 1)
      this.#deposits[(this.#second + ahead) % SLICES] = 0;
    this.#second = second;
    // Of less than one a second, what is needed for a whole one is saved.
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
