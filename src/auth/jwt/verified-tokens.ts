import { hash } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import type { User } from '../../request/principal.ts';
import type { KeySource } from './key-source.ts';

/** A verified token. Times are in milliseconds since 1970. */
export interface VerifiedToken {
  readonly principal: User;
  readonly source: KeySource;
  /** Keys of the issuer at the time of the verification. */
  readonly keys: JWTVerifyGetKey;
  readonly verifiedAt: number;
  readonly expiresAt: number;
}

const MAX_BYTES = 16 * 1_048_576;
/** Bytes of heap for one character of a token: its claims, twice. Estimated. */
const BYTES_PER_CHARACTER = 16;

/** Freezes parsed JSON, without recursion: a token may nest its claims thousands of levels deep. */
const frozen = <Value extends object>(value: Value): Value => {
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return value;
};

/**
 * The principals of verified tokens, limited in bytes, so that the signature of a token is not verified for every request.
 * The key is the SHA-256 of the whole `Authorization` header. The least recently used are evicted first.
 */
export class VerifiedTokens {
  readonly #tokens = new LRUCache<string, VerifiedToken & { readonly size: number }>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ size }) => size,
  });

  /**
   * Returns the principal of a token that was verified before, with the keys that its issuer still has, and has not
   * expired; null for any other. Its claims are frozen, because requests share them.
   *
   * @throws KeysUnavailableError if the keys of the issuer are too old
   */
  async find(authorization: string, now: number): Promise<User | null> {
    const key = hash('sha256', authorization);
    const known = this.#tokens.get(key);
    if (known === undefined) return null;
    // A clock that was set back may make the token one of the future.
    const isValid = now >= known.verifiedAt && now < known.expiresAt && (await known.source.keys()) === known.keys;
    if (!isValid) this.#tokens.delete(key);
    return isValid ? known.principal : null;
  }

  keep(authorization: string, token: VerifiedToken): void {
    frozen(token.principal);
    const size = BYTES_PER_CHARACTER * authorization.length;
    this.#tokens.set(hash('sha256', authorization), { ...token, size });
  }
}
