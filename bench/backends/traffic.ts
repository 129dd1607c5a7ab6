export const KINDS = ['orders', 'customers', 'products', 'stock'] as const;
export type Kind = (typeof KINDS)[number];

export type Counts = Readonly<Record<Kind, number>>;

/** Fault of the calls of one kind. */
export interface Fate {
  readonly delayMs: number;
  readonly failing: boolean;
}

const WELL: Fate = { delayMs: 0, failing: false };

/** Counts of the calls to the backends, and their faults. */
export class Traffic {
  readonly #counts: Record<Kind, number> = { orders: 0, customers: 0, products: 0, stock: 0 };
  readonly #fates = new Map<Kind, Fate>();

  get counts(): Counts {
    return { ...this.#counts };
  }

  setFate(kind: Kind, fate: Fate): void {
    this.#fates.set(kind, fate);
  }

  /** Counts one call and answers it when and as its fate says. */
  answer(kind: Kind, reply: (failing: boolean) => void): void {
    this.#counts[kind] += 1;
    const { delayMs, failing } = this.#fates.get(kind) ?? WELL;
    if (delayMs === 0) reply(failing);
    else setTimeout(reply, delayMs, failing);
  }
}
