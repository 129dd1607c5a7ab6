import {
  type Charge,
  type Charged,
  type Counters,
  type Demand,
  type Grant,
  type TakenPlace,
  uncounted,
} from './counters.ts';
import { shareOf } from './rate.ts';

export interface SurvivingCountersOptions {
  /** Number of gateways that share the store. Default 1. */
  readonly replicas?: number;
  /** Called after the first failure of the store, and after its first success. Default: no report. */
  readonly report?: (isAvailable: boolean) => void;
}

/**
 * Counters in a store, and what `onStoreFailure` says while it is unavailable: `local` counts against the share of this gateway
 * in its memory, from zero; `open` admits; `closed` refuses.
 */
export class SurvivingCounters implements Counters {
  readonly #shared: Counters;
  readonly #own: Counters;
  readonly #replicas: number;
  readonly #report: (isAvailable: boolean) => void;
  #isAvailable = true;

  constructor(shared: Counters, own: Counters, { replicas = 1, report = () => {} }: SurvivingCountersOptions = {}) {
    this.#shared = shared;
    this.#own = own;
    this.#replicas = replicas;
    this.#report = report;
  }

  async take(demand: Demand): Promise<Grant> {
    try {
      const granted = await this.#shared.take(demand);
      this.#found(true);
      return granted;
    } catch {
      this.#found(false);
      return this.#takeWithout(demand);
    }
  }

  #found(isAvailable: boolean): void {
    if (isAvailable === this.#isAvailable) return;
    this.#isAvailable = isAvailable;
    this.#report(isAvailable);
  }

  async #takeWithout({ charges, places }: Demand): Promise<Grant> {
    const isClosed = [...charges, ...places].some((one) => one.onStoreFailure === 'closed' && one.isEnforced);
    const local = isClosed
      ? { charges: [], places: [] }
      : { charges: charges.filter(isLocal).map(this.#chargeOf), places: places.filter(isLocal).map(this.#placeOf) };
    const granted = await this.#own.take(local);
    return {
      charges: joined(charges, granted.charges, isClosed),
      places: joined(places, granted.places, isClosed),
      settle: (corrections, returned) =>
        granted.settle(
          corrections
            .map(({ key, rate, amount }) => ({ key, rate: shareOf(rate, this.#replicas), amount }))
            .filter(({ key }) => local.charges.some((charge) => charge.key === key)),
          returned.filter(isLocal),
        ),
    };
  }

  readonly #chargeOf = (charge: Charge): Charge => ({ ...charge, rate: shareOf(charge.rate, this.#replicas) });

  readonly #placeOf = (place: TakenPlace): TakenPlace => ({
    ...place,
    slots: Math.max(1, Math.floor(place.slots / this.#replicas)),
  });
}

const isLocal = ({ onStoreFailure }: Pick<Charge, 'onStoreFailure'>): boolean => onStoreFailure === 'local';

/** Puts the local results back to the places of their demands. */
const joined = (
  demands: readonly Pick<Charge, 'onStoreFailure'>[],
  local: readonly Charged[],
  isClosed: boolean,
): readonly Charged[] => {
  let next = 0;
  return demands.map((demand) => {
    if (demand.onStoreFailure === 'closed') return uncounted(false);
    const found = isLocal(demand) && !isClosed ? local[next++] : undefined;
    return found ?? uncounted(true);
  });
};
