import { expect, test } from 'vitest';
import { rivalErrorCodes, wrongErrorCodes } from './error-codes.ts';
import { lines, reading } from './test-module.ts';

const declaring = (name: string, errors: Readonly<Record<string, string>>) => reading(name, '', { errors });

test('a code is written in capitals, and is none of the gateway’s own', () => {
  expect(lines(wrongErrorCodes(declaring('a', { outOfStock: '', NOT_FOUND: '', SOLD_OUT: '' })))).toEqual([
    'a/index.ts: errors has "outOfStock", which is no code: use capitals, as in OUT_OF_STOCK',
    "a/index.ts: errors has NOT_FOUND, a code of the gateway's own: give it another name",
  ]);
});

test('two modules may declare a code if they say the same by it', () => {
  const [a, b, c] = ['Sold.', 'Sold.', 'Sold out.'].map((SOLD, index) => declaring('abc'.charAt(index), { SOLD }));
  expect(a && b && c && lines(rivalErrorCodes([a, b, c]))).toEqual([
    'c/index.ts: SOLD has one message in c and another in a (schema/a/index.ts): ' +
      'give both the same message, or rename one of the codes',
  ]);
});
