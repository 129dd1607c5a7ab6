/**
 * Shares of a limited room, by holder. Each holder may have as many as there is room left: a dynamic threshold. One
 * holder has half of the room at most, and leaves some for any other; several leave less, and a new one has a share
 * before they have another.
 */
export class FairShares {
  readonly #max: number;
  #total = 0;
  /** Holders without a share have no entry. */
  readonly #counts = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** True if this holder may have another share. */
  hasRoom(holder: string): boolean {
    return this.#of(holder) < this.#max - this.#total;
  }

  add(holder: string): void {
    this.#counts.set(holder, this.#of(holder) + 1);
    this.#total += 1;
  }

  remove(holder: string): void {
    const left = this.#of(holder) - 1;
    this.#total -= 1;
    if (left > 0) this.#counts.set(holder, left);
    else this.#counts.delete(holder);
  }

  #of(holder: string): number {
    return this.#counts.get(holder) ?? 0;
  }
}
