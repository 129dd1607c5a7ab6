import { hash } from '../../services-mock/hash.ts';
import { seeded } from '../support/random/seeded.ts';

/** Seeded random draws. */
export class Random {
  /** From 0 up to, excluding, 1. */
  readonly next: () => number;

  constructor(seed: string) {
    this.next = seeded(hash(seed));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** @throws Error for an empty list */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (items.length === 0) throw new Error('There is nothing to pick from.');
    // The index is within the list.
    return item as Item;
  }

  some<Item>(items: readonly Item[], share: number): readonly Item[] {
    return items.filter(() => this.chance(share));
  }

  shuffled<Item>(items: readonly Item[]): readonly Item[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}
