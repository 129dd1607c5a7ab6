import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeyHolder } from '../../request/principal.ts';
import { keyState } from './key-record.ts';
import { type KeySet, type KnownApiKey, knownApiKey } from './key-set.ts';
import { keyDigest, readKey } from './key-text.ts';

/** Reason for which a key is refused. `unknown` is an unknown id as well as a wrong secret. */
export type KeyFault = 'malformed' | 'unknown' | 'not-yet' | 'expired' | 'revoked';

export type KeyVerification =
  | { readonly is: 'valid'; readonly principal: ApiKeyHolder }
  | { readonly is: 'invalid'; readonly fault: KeyFault }
  /** The keys in memory are too old to decide. */
  | { readonly is: 'unverifiable' };

const invalid = (fault: KeyFault): KeyVerification => ({ is: 'invalid', fault });

/** Stands for every id in a store without keys. No key has this digest. */
const NO_KEY: KnownApiKey = knownApiKey({
  id: 'none',
  hash: randomBytes(32).toString('base64url'),
  owner: 'none',
  scopes: [],
  roles: [],
  createdAt: '1970-01-01T00:00:00Z',
});

/**
 * Verifies a key at `now`, in milliseconds since 1970. Every key of valid form takes the same steps until its secret is
 * known to be right or wrong: one hash, one lookup, one comparison in constant time, one look at its state. The state is
 * part of the result only for a key with the right secret.
 */
export const verifyKey = (text: string, keys: KeySet, now: number): KeyVerification => {
  const key = readKey(text);
  if (key === null) return invalid('malformed');
  // A digest is that of an id and a secret: that of another id is never right.
  const nearest = keys.nearest(key.id) ?? NO_KEY;
  const isRight = timingSafeEqual(keyDigest(key.text), nearest.digest);
  const state = keyState(nearest, now);
  if (keys.state === 'unavailable') return { is: 'unverifiable' };
  // A key that was created meanwhile is not known yet.
  if (!isRight && keys.state === 'outdated' && nearest.principal.subject !== key.id) return { is: 'unverifiable' };
  if (!isRight) return invalid('unknown');
  return state === 'active' ? { is: 'valid', principal: nearest.principal } : invalid(state);
};
