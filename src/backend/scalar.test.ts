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

test('a scalar means one thing, written in the query, sent as a variable, and given back', () => {
  expect(Cents.parseLiteral(parseValue('"12.34"'))).toBe(1234);
  expect(Cents.parseValue('12.34')).toBe(1234);
  expect(Cents.serialize(1234)).toBe('12.34');
});

test('what it refuses, it refuses in its own words, wherever the value came from', () => {
  expect(() => Cents.parseValue(12.34)).toThrow('Money is written as 12.34.');
  expect(() => Cents.parseLiteral(parseValue('12.34'))).toThrow('Money is written as 12.34.');
});

test('a literal arrives as the value it writes, variables within it filled in', () => {
  const Whole = scalar({ parse: (value) => value, serialize: (value: unknown) => value });
  expect(Whole.parseLiteral(parseValue('{ a: [1, 2.5, null, true, RED], b: $b }'), { b: 'x' })).toEqual({
    a: [1, 2.5, null, true, 'RED'],
    b: 'x',
  });
});
