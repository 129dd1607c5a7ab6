import type { KeyvStoreAdapter } from 'keyv';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';

interface Kept {
  readonly text: string;
  /** Expiry on the clock's scale, in milliseconds. */
  readonly until: number;
}

/** Memory of an entry besides its characters: objects, pointers, map entry. Estimated generously. */
const OVERHEAD_BYTES = 200;

/** Returns the upper bound of an entry's memory: a character takes one or two bytes. */
export const lruBytes = (key: string, text: string): number => 2 * (key.length + text.length) + OVERHEAD_BYTES;

/** An LRU cache of texts, bounded in bytes, as an adapter of keyv. */
export class LruTexts implements KeyvStoreAdapter {
  readonly opts = {};
  readonly #clock: Clock;
  // Expiry is checked here: in lru-cache an entry of time 0 never expires, and others a moment after their time.
  readonly #kept: LRUCache<string, Kept>;

  constructor(maxBytes: number, clock: Clock) {
    this.#clock = clock;
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ text }, key) => lruBytes(key, text) });
  }

  /** Size of all entries in bytes. */
  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  // Whatever is asked for, this is always the text that was set.
  // biome-ignore lint/suspicious/noExplicitAny: keyv's interface promises whatever type it is asked for
  async get(key: string): Promise<any> {
    const kept = this.#kept.get(key);
    if (kept === undefined || this.#clock.now() < kept.until) return kept?.text;
    this.#kept.delete(key);
    return undefined;
  }

  // biome-ignore lint/suspicious/noExplicitAny: keyv's interface promises whatever type it is asked for
  getMany(keys: string[]): Promise<any[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, text: string, ttl = Number.POSITIVE_INFINITY): Promise<boolean> {
    return this.#kept.set(key, { text, until: this.#clock.now() + ttl }).has(key);
  }

  async delete(key: string): Promise<boolean> {
    return this.#kept.delete(key);
  }

  async clear(): Promise<void> {
    this.#kept.clear();
  }

  /** Required by keyv; there are no events. */
  on(): this {
    return this;
  }
}
