import { expect, test } from 'vitest';
import { moneyAmount, moneyOf } from './money.ts';

test.each<[Parameters<typeof moneyAmount>[0], string]>([
  [{ units: '9223372036854775807', nanos: 999_999_999 }, '9223372036854775807.999999999'],
  [{ units: 19, nanos: 990_000_000 }, '19.99'],
  [{ units: '-1', nanos: -750_000_000 }, '-1.75'],
  [{ units: '0', nanos: -5 }, '-0.000000005'],
  [{ units: null, nanos: undefined }, '0.00'],
])('%j is the amount %s, without a loss', (money, amount) => {
  expect(moneyAmount(money)).toBe(amount);
});

test('units may be a bigint', () => {
  expect(moneyAmount({ units: 7n })).toBe('7.00');
});

test.each([{ units: '1', nanos: -1 }, { units: '1', nanos: 1_000_000_000 }, { units: 'one' }, { units: 1.5 }])(
  '%j is UPSTREAM_BAD_RESPONSE',
  (money) => {
    expect(() => moneyAmount(money)).toThrow(expect.objectContaining({ code: 'UPSTREAM_BAD_RESPONSE' }));
  },
);

test.each(['19.99', '-1.75', '-0.000000005', '7.00', '999999999999999999.999999999'])(
  '%s is the same after a round trip',
  (amount) => {
    expect(moneyAmount(moneyOf(amount, 'EUR'))).toBe(amount);
  },
);

test.each(['', '1,5', '1.', '.5', '1e3', '1.0000000001', '--1'])('%j is BAD_USER_INPUT', (amount) => {
  expect(() => moneyOf(amount, 'EUR')).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});
