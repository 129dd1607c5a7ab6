import type { JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { frozen } from '../tokens/frozen.ts';
import type { ValidToken } from '../tokens/token-verifier.ts';
import type { KeySource } from './key-source.ts';

/** A verified token. Times are in milliseconds since 1970. */
export interface VerifiedToken extends ValidToken {
  readonly source: KeySource;
  /** Keys of the issuer at the time of the verification. */
  readonly keys: JWTVerifyGetKey;
  readonly verifiedAt: number;
  readonly expiresAt: number;
}

const MAX_BYTES = 16 * 1_048_576;
/** Bytes of heap for one character of a token: its claims, twice. Estimated. */
const BYTES_PER_CHARACTER = 16;

/**
 * The principals of verified tokens, limited in bytes, so that the signature of a token is not verified for every request.
 * The key is the SHA-256 of the token. The least recently used are evicted first.
 */
export class VerifiedTokens {
  readonly #tokens = new LRUCache<string, VerifiedToken & { readonly size: number }>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ size }) => size,
  });

  /**
   * Returns a token that was verified before, with the keys that its issuer still has, and has not
   * expired; null for any other. Its claims are frozen, because requests share them.
   *
   * @throws UnverifiableTokenError if the keys of the issuer are too old
   */
  async find(key: string, now: number): Promise<ValidToken | null> {
    const known = this.#tokens.get(key);
    if (known === undefined) return null;
    // A clock that was set back may make the token one of the future.
    const isValid = now >= known.verifiedAt && now < known.expiresAt && (await known.source.keys()) === known.keys;
    if (!isValid) this.#tokens.delete(key);
    return isValid ? known : null;
  }

  /** True for a kept token that has not expired. Its keys may have changed. */
  has(key: string, now: number): boolean {
    return now < (this.#tokens.peek(key)?.expiresAt ?? 0);
  }

  /** Keeps a token with a text of `length` characters. */
  keep(key: string, token: VerifiedToken, length: number): void {
    frozen(token.principal);
    this.#tokens.set(key, { ...token, size: BYTES_PER_CHARACTER * length });
  }
}
