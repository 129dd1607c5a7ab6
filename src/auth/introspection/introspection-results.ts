import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { TokenError } from '../tokens/token-fault.ts';
import type { UnverifiableTokenError, ValidToken } from '../tokens/token-verifier.ts';
import type { IntrospectedToken } from './introspected-token.ts';

const MAX_BYTES = 16 * 1_048_576;
/** Bytes of heap for an entry, and for one character of its response. Estimated. */
const BYTES_PER_TOKEN = 512;
const BYTES_PER_CHARACTER = 8;
/** Rejected tokens have a cache of their own, so that they cannot evict valid ones. */
const MAX_REJECTED = 10_000;
/** Rejections are kept for a shorter time: a token may become valid, as by replication. */
const MAX_REJECTED_MS = 5_000;

interface Kept {
  readonly token: IntrospectedToken;
  readonly size: number;
  /** End on the scale of the clock. */
  readonly until: number;
}

interface Rejected {
  readonly error: TokenError | UnverifiableTokenError;
  readonly until: number;
}

/**
 * The results of introspection, by the hash of their token. A valid token is kept until its end, `ttlMs` at most from the
 * beginning of its introspection: a revoked one is refused within that time.
 */
export class IntrospectionResults {
  readonly #ttlMs: number;
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  readonly #valid = new LRUCache<string, Kept>({ maxSize: MAX_BYTES, sizeCalculation: ({ size }) => size });
  readonly #rejected = new LRUCache<string, Rejected>({ max: MAX_REJECTED });

  /** `wallTime` returns milliseconds since 1970. */
  constructor(ttlMs: number, clock: Clock, wallTime: () => number) {
    this.#ttlMs = ttlMs;
    this.#clock = clock;
    this.#wallTime = wallTime;
  }

  /** Returns a kept valid token; null for none. */
  find(key: string): ValidToken | null {
    const kept = this.#valid.get(key);
    if (kept === undefined) return null;
    return this.#clock.now() < kept.until && this.#wallTime() < kept.token.expiresAt ? kept.token : null;
  }

  /** True for a token that was valid at its last introspection, even if that is older than `ttlMs`, and has not expired. */
  has(key: string): boolean {
    return this.#wallTime() < (this.#valid.peek(key)?.token.expiresAt ?? 0);
  }

  /** Returns the kept error of a token that was rejected, or that the server failed to introspect; null for none. */
  rejection(key: string): Rejected['error'] | null {
    const kept = this.#rejected.get(key);
    return kept !== undefined && this.#clock.now() < kept.until ? kept.error : null;
  }

  /** Keeps a token that was introspected at `since`, with the length of its response in characters. */
  keep(key: string, token: IntrospectedToken, since: number, length: number): void {
    const size = BYTES_PER_TOKEN + BYTES_PER_CHARACTER * length;
    this.#valid.set(key, { token, size, until: since + this.#ttlMs });
  }

  reject(key: string, error: TokenError, since: number): void {
    this.#valid.delete(key);
    this.#refuse(key, error, since);
  }

  /** Keeps a failure that concerns this token. */
  fail(key: string, error: UnverifiableTokenError, since: number): void {
    this.#refuse(key, error, since);
  }

  #refuse(key: string, error: Rejected['error'], since: number): void {
    this.#rejected.set(key, { error, until: since + Math.min(this.#ttlMs, MAX_REJECTED_MS) });
  }
}
