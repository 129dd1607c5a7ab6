import type { RequestMemory } from '../backend/request-context.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';

/** Estimated bytes of a request before its body: sockets, headers, context. */
const BASE_BYTES = 32 * 1_024;
/** A request below this is small: it goes on while larger ones are ended. */
const SMALL_BYTES = 512 * 1_024;
/** A client that takes longer to read its answer may lose it to make room. */
const READ_MS = 1_000;

/** One request's part of the memory in flight. */
export interface HeldMemory extends RequestMemory {
  /** Replaces the estimate by that of an answer which the client begins to read; `cut` ends the reading. */
  reads(bytes: number, cut: () => void): void;
  /** Sets what ends the request, if it has to make room. */
  onEnd(end: (error: GatewayError) => void): void;
  readonly isEnded: boolean;
  release(): void;
}

/**
 * A bound of the estimated bytes that all requests in flight hold.
 *
 * Beyond it, answers that are read slowly are cut, the oldest first. Then queries that hold much are ended, the youngest first: the
 * oldest gets through, and small ones are not affected. A new request is refused if that gives no room.
 */
export interface MemoryInFlight {
  /** False where a new request would be refused. Requests that are still arriving hold nothing: their bodies are off the heap. */
  hasRoom(): boolean;
  /** Null where there is no room for a request with a body of so many bytes. */
  admit(bodyBytes: number): HeldMemory | null;
  readonly bytes: number;
}

const overloaded = (): GatewayError => new GatewayError('OVERLOADED', 'The bound of memory in flight is reached.');

class Held implements HeldMemory {
  bytes = 0;
  isEnded = false;
  isReleased = false;
  end: ((error: GatewayError) => void) | null = null;
  /** On the clock's scale; null before the client reads. */
  readingSince: number | null = null;
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

  reads(bytes: number, cut: () => void): void {
    this.#mayEnd = false;
    this.end = cut;
    this.readingSince = this.#now();
    if (!this.isReleased && !this.isEnded) this.#changed(this, bytes + BASE_BYTES - this.bytes);
  }

  release(): void {
    if (this.isReleased) return;
    if (!this.isEnded) this.#changed(this, -this.bytes);
    this.isReleased = true;
    this.#released();
  }
}

/** A bound of `maxBytes`. `onRefused` is called for every request that is refused, ended or cut. */
export const memoryInFlight = (maxBytes: number, clock: Clock, onRefused: () => void = () => {}): MemoryInFlight => {
  /** In the order of arrival. */
  const all = new Set<Held>();
  let total = 0;

  const end = (held: Held): void => {
    held.isEnded = true;
    total -= held.bytes;
    onRefused();
    held.end?.(overloaded());
  };
  /** @returns true if so many bytes fit in the end */
  const makeRoom = (needed: number): boolean => {
    if (total + needed <= maxBytes) return true;
    const slow = clock.now() - READ_MS;
    const readers = [...all].filter(({ readingSince, isEnded }) => !isEnded && (readingSince ?? slow) < slow);
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
      // As text and as parsed values.
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
