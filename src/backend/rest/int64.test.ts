import { expect, test } from 'vitest';
import { int64 } from './int64.ts';

test.each([
  [7, '7'],
  ['9223372036854775807', '9223372036854775807'],
  ['-9223372036854775808', '-9223372036854775808'],
])('int64 reads %j as text', (value, text) => {
  expect(int64.parse(value)).toBe(text);
});

test.each([1.5, '1.5', 'seven', '', null, true])('int64 rejects %j', (value) => {
  expect(int64.safeParse(value).success).toBe(false);
});
