import type { KeyvStoreAdapter } from 'keyv';
import type { Clock } from '../clock.ts';

interface Kept {
  readonly text: string;
  readonly bytes: number;
  /** On the clock's scale. */
  readonly until: number;
}

/** What an entry costs beside its characters: objects, pointers, its place in the map. A generous guess. */
const OVERHEAD_BYTES = 200;

/** A string takes one or two bytes a character; counted as two, the bound holds for every text. */
const bytesOf = (key: string, text: string): number => 2 * (key.length + text.length) + OVERHEAD_BYTES;

/** Texts by key within a number of bytes; what was not used for longest goes first. For keyv to sit on. */
export class LruTexts implements KeyvStoreAdapter {
  readonly opts = {};
  readonly #maxBytes: number;
  readonly #clock: Clock;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  /** Of everything that is kept. */
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

  /** There are no events; keyv insists on the method. */
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
