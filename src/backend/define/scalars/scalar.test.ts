import { parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { scalar } from './scalar.ts';

const Cents = scalar({
  parse: (value) => {
    if (typeof value !== 'string' || !/^\d+\.\d\d$/.test(value)) throw new Error('Money is written as 12.34.');
    return Number(value.replace('.', ''));
  },
  serialize: (cents: number) => (cents / 100).toFixed(2),
});

test('a scalar means the same as a literal, as a variable and in a result', () => {
  expect(Cents.parseLiteral(parseValue('"12.34"'))).toBe(1234);
  expect(Cents.parseValue('12.34')).toBe(1234);
  expect(Cents.serialize(1234)).toBe('12.34');
});

test('its own error message is reported for literals and variables', () => {
  expect(() => Cents.parseValue(12.34)).toThrow('Money is written as 12.34.');
  expect(() => Cents.parseLiteral(parseValue('12.34'))).toThrow('Money is written as 12.34.');
});

test('a literal is passed as its value, with its variables filled in', () => {
  const Whole = scalar({ parse: (value) => value, serialize: (value: unknown) => value });
  expect(Whole.parseLiteral(parseValue('{ a: [1, 2.5, null, true, RED], b: $b }'), { b: 'x' })).toEqual({
    a: [1, 2.5, null, true, 'RED'],
    b: 'x',
  });
});

test('an integer literal that a number cannot hold exactly is passed as text', () => {
  const Big = scalar({ parse: (value) => BigInt(String(value)), serialize: String });
  expect(Big.parseLiteral(parseValue('9007199254740993'))).toBe(9007199254740993n);
  expect(Big.parseLiteral(parseValue('7'))).toBe(7n);
});
