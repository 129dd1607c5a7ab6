import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RequestMemory } from '../../request/request-context.ts';

/** Estimated bytes of a request before its body: sockets, headers, context. */
const BASE_BYTES = 32 * 1_024;
/** A request below this size is small and never ended to make room. */
const SMALL_BYTES = 512 * 1_024;
/**
 * Milliseconds to read a response, in addition to those for its size. A slower client may be cut to make room. The time
 * also passes while this process is busy, so a large response has more of it.
 */
const READ_MS = 1_000;
/** Lowest rate of reading, in estimated bytes: 1 MiB of a response, which counts twice, in a second. */
const READ_BYTES_PER_MS = 2_097;

/** The memory held by one request. */
export interface HeldMemory extends RequestMemory {
  /**
   * Replaces the estimate by the size of the response, which the client then reads; `cut` aborts the transfer. Returns
   * false if the request was ended to make room: its response must be dropped.
   */
  reads(bytes: number, cut: () => void): boolean;
  /** Sets the function that ends the request to make room. */
  onEnd(end: (error: GatewayError) => void): void;
  readonly isEnded: boolean;
  release(): void;
}

/**
 * A bound of the estimated bytes that all requests in flight hold.
 *
 * Above it, slowly read responses are cut first, the oldest of them first. Then large queries are ended, the youngest
 * first, so that the oldest completes; small ones are not affected. A new request is rejected if that frees too little.
 */
export interface MemoryInFlight {
  /**
   * False if a new request would be rejected. Requests that are still arriving hold nothing: their bodies are off the
   * heap.
   */
  hasRoom(): boolean;
  /** Null if there is no room for a request with a body of this size. */
  admit(bodyBytes: number): HeldMemory | null;
  readonly bytes: number;
}

const overloaded = (): GatewayError => new GatewayError('OVERLOADED', 'Memory in flight has reached its limit.');

class Held implements HeldMemory {
  bytes = 0;
  isEnded = false;
  isReleased = false;
  end: ((error: GatewayError) => void) | null = null;
  /** Time on the clock's scale, after which the reader is slow. */
  readBy = Number.POSITIVE_INFINITY;
  #mayEnd = false;
  readonly #changed: (held: Held, by: number) => void;
  readonly #now: () => number;

  readonly #released: () => void;

  constructor(now: () => number, changed: (held: Held, by: number) => void, released: () => void) {
    this.#now = now;
    this.#released = released;
    this.#changed = changed;
  }

  get isEndable(): boolean {
    return this.#mayEnd && !this.isEnded && this.bytes > SMALL_BYTES;
  }

  mayEnd(): void {
    this.#mayEnd = true;
  }

  onEnd(end: (error: GatewayError) => void): void {
    this.end = end;
  }

  grow(bytes: number): boolean {
    if (!this.isReleased && !this.isEnded) this.#changed(this, bytes);
    return !this.isEnded;
  }

  reads(bytes: number, cut: () => void): boolean {
    // Responses with many errors are large although their requests held little.
    if (!this.grow(bytes + BASE_BYTES - this.bytes)) return false;
    this.#mayEnd = false;
    this.end = cut;
    this.readBy = this.#now() + READ_MS + bytes / READ_BYTES_PER_MS;
    return true;
  }

  release(): void {
    if (this.isReleased) return;
    if (!this.isEnded) this.#changed(this, -this.bytes);
    this.isReleased = true;
    this.#released();
  }
}

/** Creates a bound of `maxBytes`. `onRefused` is called for every request that is rejected, ended or cut. */
export const memoryInFlight = (maxBytes: number, clock: Clock, onRefused: () => void = () => {}): MemoryInFlight => {
  /** Requests in order of arrival. */
  const all = new Set<Held>();
  let total = 0;

  const end = (held: Held): void => {
    held.isEnded = true;
    total -= held.bytes;
    onRefused();
    held.end?.(overloaded());
  };
  /** @returns true if this many bytes fit in the end */
  const makeRoom = (needed: number): boolean => {
    if (total + needed <= maxBytes) return true;
    const now = clock.now();
    const readers = [...all].filter(({ readBy, isEnded }) => !isEnded && readBy < now);
    const queries = [...all].reverse().filter(({ isEndable }) => isEndable);
    for (const held of [...readers, ...queries]) {
      if (total + needed <= maxBytes) break;
      end(held);
    }
    return total + needed <= maxBytes;
  };
  const changed = (held: Held, by: number): void => {
    held.bytes += by;
    total += by;
    if (by > 0) makeRoom(0);
  };
  const isRoomFor = (bytes: number): boolean => {
    const isRoom = makeRoom(bytes);
    if (!isRoom) onRefused();
    return isRoom;
  };
  return {
    hasRoom: () => isRoomFor(BASE_BYTES),
    admit: (bodyBytes) => {
      // The body is held as text and as parsed values.
      const needed = BASE_BYTES + 2 * bodyBytes;
      if (!isRoomFor(needed)) return null;
      const held = new Held(clock.now, changed, () => all.delete(held));
      all.add(held);
      changed(held, needed);
      return held;
    },
    get bytes() {
      return total;
    },
  };
};
