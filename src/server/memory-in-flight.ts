import type { RequestMemory } from '../backend/request-context.ts';
import { GatewayError } from '../errors.ts';

/** Estimated bytes of a request before its body: sockets, headers, context. */
const BASE_BYTES = 32 * 1_024;
/** A request below this is small: it goes on while larger ones are ended. */
const SMALL_BYTES = 512 * 1_024;

/** One request's part of the memory in flight. */
export interface HeldMemory extends RequestMemory {
  /** Replaces the estimate of what the request holds, once it is known better. */
  holds(bytes: number): void;
  /** Sets what ends the request, if it has to make room. */
  onEnd(end: (error: GatewayError) => void): void;
  readonly isEnded: boolean;
  release(): void;
}

/**
 * A bound of the estimated bytes that all requests in flight hold.
 *
 * Beyond it, queries that hold much are ended, the youngest first: the oldest gets through, and small ones are not affected. A new
 * request is refused if that gives no room.
 */
export interface MemoryInFlight {
  /** Null where there is no room for a request with a body of so many bytes. */
  admit(bodyBytes: number): HeldMemory | null;
  readonly bytes: number;
}

const overloaded = (): GatewayError => new GatewayError('OVERLOADED', 'The bound of memory in flight is reached.');

class Held implements HeldMemory {
  bytes: number;
  isEnded = false;
  isReleased = false;
  end: ((error: GatewayError) => void) | null = null;
  #mayEnd = false;
  readonly #changed: (held: Held, by: number) => void;

  constructor(bytes: number, changed: (held: Held, by: number) => void) {
    this.bytes = bytes;
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

  holds(bytes: number): void {
    this.#mayEnd = false;
    if (!this.isReleased && !this.isEnded) this.#changed(this, bytes + BASE_BYTES - this.bytes);
  }

  release(): void {
    if (this.isReleased) return;
    if (!this.isEnded) this.#changed(this, -this.bytes);
    this.isReleased = true;
  }
}

export const memoryInFlight = (maxBytes: number, onRefused: () => void = () => {}): MemoryInFlight => {
  /** In the order of arrival. */
  const all = new Set<Held>();
  let total = 0;

  const makeRoom = (needed: number): void => {
    if (total + needed <= maxBytes) return;
    for (const held of [...all].reverse()) {
      if (!held.isEndable) continue;
      held.isEnded = true;
      total -= held.bytes;
      onRefused();
      held.end?.(overloaded());
      if (total + needed <= maxBytes) return;
    }
  };
  const changed = (held: Held, by: number): void => {
    held.bytes += by;
    total += by;
    if (by > 0) makeRoom(0);
  };
  return {
    admit: (bodyBytes) => {
      // As text and as parsed values.
      const needed = BASE_BYTES + 2 * bodyBytes;
      makeRoom(needed);
      if (total + needed > maxBytes) {
        onRefused();
        return null;
      }
      const held = new Held(0, changed);
      const { release } = held;
      all.add(held);
      held.release = () => {
        release.call(held);
        all.delete(held);
      };
      changed(held, needed);
      return held;
    },
    get bytes() {
      return total;
    },
  };
};
