import { expect, test } from 'vitest';
import { fingerprint } from './fingerprint.ts';

test('lists of keys that differ anywhere have different fingerprints', () => {
  const lists = Array.from({ length: 5_000 }, (_, at) => Buffer.from(`\n\u0005p${at}\n\u0005p${at + 1}`));
  expect(new Set(lists.map((bytes) => fingerprint('anonymous', bytes))).size).toBeGreaterThan(4_990);
});

test('the fingerprint depends on the text, the length and every byte of a short message', () => {
  const zeros = Buffer.alloc(9);
  const others = Array.from(zeros, (_, at) => Buffer.from(zeros).fill(1, at, at + 1));
  const all = [zeros, Buffer.alloc(10), ...others].map((bytes) => fingerprint('a', bytes));
  expect(new Set([...all, fingerprint('b', zeros)]).size).toBe(12);
});

test('the fingerprint does not depend on the buffer that holds the bytes', () => {
  const apart = Buffer.concat([Buffer.of(7), Buffer.from('hello')]).subarray(1);
  expect(fingerprint('a', apart)).toBe(fingerprint('a', new Uint8Array(Buffer.from('hello'))));
});
