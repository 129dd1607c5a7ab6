import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { beforeEach, expect, test, vi } from 'vitest';
import { fixedKeys, issuedKey } from '../../../test/support/auth/api-keys.ts';
import type { KeySet } from './key-set.ts';
import { keyWith, newKey } from './key-text.ts';
import { verifyKey } from './verify-key.ts';

const [hash, timingSafeEqual] = [vi.spyOn(crypto, 'hash'), vi.spyOn(crypto, 'timingSafeEqual')];
// Imports of single names see the spies, too.
syncBuiltinESMExports();

const NOW = Date.parse('2026-11-30T12:00:00Z');

const valid = issuedKey({ scopes: ['a'], roles: ['r'], plan: 'gold', expiresAt: '2027-01-01T00:00:00Z' });
const expired = issuedKey({ expiresAt: '2026-11-30T12:00:00Z' });
const notYet = issuedKey({ notBefore: '2026-11-30T12:00:00.001Z' });
const revoked = issuedKey({ revokedAt: '2026-11-30T13:00:00Z' });
const all = [valid, expired, notYet, revoked];
const keys = fixedKeys(all);

/** A key with this id and the secret of another one. */
const stolenId = ({ record }: { readonly record: { readonly id: string } }): string =>
  keyWith(record.id, newKey().text.slice(17, 60));

const GUESSES: readonly (readonly [what: string, text: string])[] = [
  ['an unknown id', newKey().text],
  ['a known id with another secret', stolenId(valid)],
  [
    'a known id with a secret that differs in its last digit only',
    ((secret) => keyWith(valid.record.id, secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A')))(
      valid.text.slice(17, 60),
    ),
  ],
  ['an unknown id with the secret of a key', keyWith(newKey().id, valid.text.slice(17, 60))],
  ['a revoked key with another secret', stolenId(revoked)],
  ['an expired key with another secret', stolenId(expired)],
  ['the hash of a key as its secret', keyWith(valid.record.id, valid.record.hash.replaceAll(/[-_]/g, '0'))],
];

beforeEach(() => {
  hash.mockClear();
  timingSafeEqual.mockClear();
});

test('the right key is its principal, one object for all requests', () => {
  const result = verifyKey(valid.text, keys, NOW);
  expect(result).toEqual({
    is: 'valid',
    principal: {
      ...{ kind: 'api-key', subject: valid.record.id, issuer: 'api-key', owner: 'team' },
      ...{ scopes: ['a'], roles: ['r'], plan: 'gold', expiresAt: Date.parse('2027-01-01T00:00:00Z') },
    },
  });
  const again = verifyKey(valid.text, keys, NOW);
  expect(again.is === 'valid' && result.is === 'valid' && again.principal === result.principal).toBe(true);
});

test.each(GUESSES)('%s is unknown', (_what, text) => {
  expect(verifyKey(text, keys, NOW)).toEqual({ is: 'invalid', fault: 'unknown' });
});

test.each([
  ['expired', expired],
  ['not-yet', notYet],
  ['revoked', revoked],
] as const)('a key with the right secret may be %s', (fault, { text }) => {
  expect(verifyKey(text, keys, NOW)).toEqual({ is: 'invalid', fault });
});

test('a key is valid from its first moment, and until the one before its last', () => {
  expect(verifyKey(notYet.text, keys, NOW + 1).is).toBe('valid');
  expect(verifyKey(expired.text, keys, NOW - 1).is).toBe('valid');
});

test.each([...GUESSES, ['the right key', valid.text], ['a revoked key', revoked.text]] as const)(
  'takes one hash of the whole key, and one comparison of 32 bytes in constant time, for %s',
  (_what, text) => {
    verifyKey(text, keys, NOW);
    expect(hash.mock.calls).toEqual([['sha256', text, 'buffer']]);
    const compared = timingSafeEqual.mock.calls;
    expect(compared.map((pair) => pair.map(({ byteLength }) => byteLength))).toEqual([[32, 32]]);
  },
);

test('a malformed key costs no hash and no lookup', () => {
  const find = vi.fn(keys.find);
  expect(verifyKey(`${valid.text.slice(0, -1)}!`, { ...keys, find }, NOW)).toEqual({
    is: 'invalid',
    fault: 'malformed',
  });
  expect([find.mock.calls, hash.mock.calls]).toEqual([[], []]);
});

const withState = (state: KeySet['state']): KeySet => fixedKeys(all, state);

test('without an answer of the store, known keys stay valid and unknown ones cannot be verified', () => {
  const outdated = withState('outdated');
  expect(verifyKey(valid.text, outdated, NOW).is).toBe('valid');
  expect(verifyKey(revoked.text, outdated, NOW)).toEqual({ is: 'invalid', fault: 'revoked' });
  expect(verifyKey(stolenId(valid), outdated, NOW)).toEqual({ is: 'invalid', fault: 'unknown' });
  expect(verifyKey(newKey().text, outdated, NOW)).toEqual({ is: 'unverifiable' });
});

test('no key can be verified with keys that are too old, and a malformed one is refused', () => {
  for (const text of [valid.text, stolenId(valid), newKey().text])
    expect(verifyKey(text, withState('unavailable'), NOW)).toEqual({ is: 'unverifiable' });
  expect(verifyKey('x', withState('unavailable'), NOW)).toEqual({ is: 'invalid', fault: 'malformed' });
});
