import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeyHolder } from '../../request/principal.ts';
import { keyState } from './key-record.ts';
import type { KeySet } from './key-set.ts';
import { keyDigest, readKey } from './key-text.ts';

/** Reason for which a key is refused. `unknown` is an unknown id as well as a wrong secret. */
export type KeyFault = 'malformed' | 'unknown' | 'not-yet' | 'expired' | 'revoked';

export type KeyVerification =
  | { readonly is: 'valid'; readonly principal: ApiKeyHolder }
  | { readonly is: 'invalid'; readonly fault: KeyFault }
  /** The keys in memory are too old to decide. */
  | { readonly is: 'unverifiable' };

const invalid = (fault: KeyFault): KeyVerification => ({ is: 'invalid', fault });

/** Compared with keys of unknown ids, so that they take the same steps. No key has this digest. */
const NO_DIGEST = randomBytes(32);

/**
 * Verifies a key at `now`, in milliseconds since 1970. Every key of valid form takes the same steps until its secret is
 * known to be right or wrong: one hash, one lookup, one comparison in constant time. State and expiry concern only a key
 * with the right secret.
 */
export const verifyKey = (text: string, keys: KeySet, now: number): KeyVerification => {
  const key = readKey(text);
  if (key === null) return invalid('malformed');
  const known = keys.find(key.id);
  const isEqual = timingSafeEqual(keyDigest(key.text), known?.digest ?? NO_DIGEST);
  if (keys.state === 'unavailable') return { is: 'unverifiable' };
  if (known === undefined || !isEqual)
    // A key that was created meanwhile is not known yet.
    return known === undefined && keys.state === 'outdated' ? { is: 'unverifiable' } : invalid('unknown');
  const state = keyState(known, now);
  return state === 'active' ? { is: 'valid', principal: known.principal } : invalid(state);
};
