import { expect, test } from 'vitest';
import { entries } from './entries.ts';

test('a map is a list of entries, and keys above 2^53 keep their digits', () => {
  expect(entries({ '9223372036854775807': 'last', a: 'b' })).toEqual([
    { key: '9223372036854775807', value: 'last' },
    { key: 'a', value: 'b' },
  ]);
  expect(entries(JSON.parse('{"__proto__":1}'))).toEqual([{ key: '__proto__', value: 1 }]);
});

test('no map is null', () => {
  const absent: { readonly [key: string]: number } | null = null;
  expect(entries(absent)).toBe(null);
});
