import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { conflictingErrorCodes, wrongErrorCodes } from './error-codes.ts';

const declaring = (name: string, errors: Readonly<Record<string, string>>) => reading(name, '', { errors });

test('a code in small letters and a code of the gateway are rejected', () => {
  expect(lines(wrongErrorCodes(declaring('a', { outOfStock: '', NOT_FOUND: '', SOLD_OUT: '' })))).toEqual([
    'a/index.ts: errors has "outOfStock", which is not a valid code: use capitals and underscores, as in OUT_OF_STOCK',
    'a/index.ts: errors has NOT_FOUND, which is a code of the gateway: rename it',
  ]);
});

test('two modules may declare one code, with the same message only', () => {
  const [a, b, c] = ['Sold.', 'Sold.', 'Sold out.'].map((SOLD, index) => declaring('abc'.charAt(index), { SOLD }));
  expect(a && b && c && lines(conflictingErrorCodes([a, b, c]))).toEqual([
    'c/index.ts: SOLD has one message in c and another in a (schema/a/index.ts): ' +
      'use the same message in both, or rename one of the codes',
  ]);
});
