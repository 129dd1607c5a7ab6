import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasLongerJson } from './response-size.ts';

test('no value is taken for longer than its JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(hasLongerJson(value, JSON.stringify(value).length)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('texts, keys, lists and other values count', () => {
  const value = { a: ['xyz', 12, null, true], bc: undefined, d: { e: new Date(0) } };
  const least = 2 + 4 + 2 + 5 + 3 + 4 + 2 + 4 + 1;
  expect([hasLongerJson(value, least - 1), hasLongerJson(value, least)]).toEqual([true, false]);
});
