/** Holders of places by key, with the time until which each has its place. */
export class Places {
  readonly #maxKeys: number;
  readonly #holders = new Map<string, Map<string, number>>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** Returns the number of free places. A place is free after the time of its holder. */
  free(key: string, slots: number, now: number): number {
    const holders = this.#holders.get(key);
    if (holders === undefined) return this.#holders.size < this.#maxKeys ? slots : 0;
    for (const [holder, until] of holders) if (until <= now) holders.delete(holder);
    if (holders.size === 0) this.#holders.delete(key);
    return Math.max(slots - holders.size, 0);
  }

  take(key: string, holder: string, until: number): void {
    const holders = this.#holders.get(key) ?? new Map<string, number>();
    holders.set(holder, until);
    this.#holders.set(key, holders);
  }

  giveBack(key: string, holder: string): void {
    const holders = this.#holders.get(key);
    if (holders?.delete(holder) === true && holders.size === 0) this.#holders.delete(key);
  }
}
