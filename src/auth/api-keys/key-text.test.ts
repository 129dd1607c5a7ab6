import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyDigest, newKey, readKey } from './key-text.ts';

test('a new key has its prefix, a public id, 256 random bits and a checksum', () => {
  const { id, text } = newKey();
  expect(text).toMatch(/^tby_[\dA-Za-z]{12}_[\dA-Za-z]{49}$/);
  expect(text.slice(4, 16)).toBe(id);
  expect(readKey(text)).toEqual({ id, text });
  expect(43 * Math.log2(62)).toBeGreaterThan(256);
});

test('10,000 keys use all digits at all places, and no key or id occurs twice', () => {
  const keys = Array.from({ length: 10_000 }, newKey);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(10_000);
  expect(new Set(keys.map(({ text }) => text.slice(17, 60))).size).toBe(10_000);
  for (const at of [4, 15, 17, 59]) expect(new Set(keys.map(({ text }) => text[at])).size).toBe(62);
});

test('every change of one character is detected by the checksum or by the form', () => {
  const { text } = newKey();
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
      (at, other) => {
        fc.pre(text[at] !== other);
        expect(readKey(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
      },
    ),
    { numRuns: 2_000 },
  );
});

const { text: valid } = newKey();

test.each([
  ['an empty text', ''],
  ['a part of a key', valid.slice(0, -1)],
  ['a longer text', `${valid}A`],
  ['another case', valid.toUpperCase()],
  ['a leading space', ` ${valid}`],
  ['a line end', `${valid.slice(0, -1)}\n`],
  ['a null byte', `${valid.slice(0, -1)}\0`],
  ['letters of another script', valid.replace(/.$/, 'А')],
  ['two keys', `${valid},${valid}`],
  ['another prefix', valid.replace('tby_', 'sk__')],
  ['a very long text', valid.repeat(10_000)],
])('%s is no key', (_what, text) => expect(readKey(text)).toBeNull());

test('two halves of a key in swapped order are no key', () => {
  const [prefix, id, secret] = newKey().text.split('_');
  expect(readKey([prefix, secret, id].join('_'))).toBeNull();
});

test('the digest of a key is its SHA-256', () => {
  expect(keyDigest('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
