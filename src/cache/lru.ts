import type { KeyvStoreAdapter } from 'keyv';
import type { Clock } from '../core/clock.ts';

interface Kept {
  readonly text: string;
  readonly bytes: number;
  /** Expiry on the clock's scale, in milliseconds. */
  readonly until: number;
}

/** Memory of an entry besides its characters: objects, pointers, map entry. Estimated generously. */
const OVERHEAD_BYTES = 200;

/** Upper bound: a character takes one or two bytes. */
const bytesOf = (key: string, text: string): number => 2 * (key.length + text.length) + OVERHEAD_BYTES;

/** An LRU cache of texts, bounded in bytes, as an adapter of keyv. */
export class LruTexts implements KeyvStoreAdapter {
  readonly opts = {};
  readonly #maxBytes: number;
  readonly #clock: Clock;
  /** In order of last use. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  /** Size of all entries in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  // Whatever is asked for, this is always the text that was set.
  // biome-ignore lint/suspicious/noExplicitAny: keyv's interface promises whatever type it is asked for
  async get(key: string): Promise<any> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#remove(key);
    if (this.#clock.now() >= kept.until) return undefined;
    this.#add(key, kept);
    return kept.text;
  }

  // biome-ignore lint/suspicious/noExplicitAny: keyv's interface promises whatever type it is asked for
  getMany(keys: string[]): Promise<any[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, text: string, ttl = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#remove(key);
    const bytes = bytesOf(key, text);
    if (bytes > this.#maxBytes) return false;
    this.#add(key, { text, bytes, until: this.#clock.now() + ttl });
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return this.#remove(key);
  }

  async clear(): Promise<void> {
    this.#kept.clear();
    this.#bytes = 0;
  }

  /** Required by keyv; there are no events. */
  on(): this {
    return this;
  }

  #add(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
  }

  #remove(key: string): boolean {
    const kept = this.#kept.get(key);
    if (kept === undefined) return false;
    this.#bytes -= kept.bytes;
    return this.#kept.delete(key);
  }
}
