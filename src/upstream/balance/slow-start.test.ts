import { expect, test } from 'vitest';
import { memberAt } from '../../../test/support/upstream/balanced.ts';
import { slowStartFactor } from './slow-start.ts';

const warming = (since: number | null) => Object.assign(memberAt('a'), { warmingSince: since });

test('an endpoint of the start has its full weight', () => {
  expect(slowStartFactor(warming(null), 10_000, 0)).toBe(1);
});

test('a new endpoint begins with a tenth of its weight, which grows linearly', () => {
  const member = warming(1_000);
  expect([1_000, 2_000, 3_000, 6_000, 10_999].map((now) => slowStartFactor(member, 10_000, now))).toEqual([
    0.1, 0.1, 0.2, 0.5, 0.9999,
  ]);
});

test('after the slow start an endpoint has its full weight', () => {
  const member = warming(1_000);
  expect(slowStartFactor(member, 10_000, 11_000)).toBe(1);
  expect(member.warmingSince).toBeNull();
});

test('without a slow start every endpoint has its full weight immediately', () => {
  const member = warming(1_000);
  expect(slowStartFactor(member, 0, 1_000)).toBe(1);
  expect(member.warmingSince).toBeNull();
});
