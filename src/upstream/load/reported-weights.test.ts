import { expect, test } from 'vitest';
import { memberAt } from '../../../test/support/upstream/balanced.ts';
import { trafficSettings } from '../options.ts';
import type { ReportOptions } from './load-options.ts';
import { ReportedWeights } from './reported-weights.ts';

const report = (utilization: number, qps: number, eps = 0) => ({
  utilization,
  qps,
  eps,
  inFlight: null,
  latencyMs: null,
});

const opened = (options: ReportOptions = {}) => ({
  weights: new ReportedWeights(trafficSettings({ balance: { reports: options } }).balance.reports),
  member: memberAt('a'),
});

test('the weight is qps / (utilization + eps / qps * errorPenalty)', () => {
  for (const [errorPenalty, expected] of [
    [0, 200],
    [1, 100 / (0.5 + 0.2)],
    [2, 100 / (0.5 + 0.4)],
  ] as const) {
    const { weights, member } = opened({ blackoutMs: 0, errorPenalty });
    weights.take(member, report(0.5, 100, 20), 0);
    expect(weights.weightOf(member, 0)).toBeCloseTo(expected, 10);
  }
});

test('an endpoint with more errors than calls counts as one that fails every call', () => {
  const { weights, member } = opened({ blackoutMs: 0 });
  weights.take(member, report(0.5, 100, 1e9), 0);
  expect(weights.weightOf(member, 0)).toBeCloseTo(100 / 1.5, 10);
});

test('a weight is unknown during the first 10 s of reports, and 180 s after the last one', () => {
  const { weights, member } = opened();
  expect(weights.weightOf(member, 0)).toBe(0);
  for (let at = 1_000; at <= 12_000; at += 1_000) {
    expect(weights.weightOf(member, at) > 0).toBe(at >= 11_000);
    weights.take(member, report(0.5, 100), at);
  }
  expect(weights.weightOf(member, 191_999)).toBe(200);
  expect(weights.weightOf(member, 192_000)).toBe(0);
  weights.take(member, report(0.5, 100), 193_000);
  expect(weights.weightOf(member, 202_999)).toBe(0);
  expect(weights.weightOf(member, 203_000)).toBe(200);
});

test('a report without utilization or calls changes nothing', () => {
  const { weights, member } = opened({ blackoutMs: 0 });
  weights.take(member, report(0.5, 100), 0);
  weights.take(member, report(0, 100), 1);
  weights.take(member, report(0.5, 0), 2);
  expect(weights.weightOf(member, 3)).toBe(200);
});

test('after a reset the first 10 s of reports do not count again', () => {
  const { weights, member } = opened();
  weights.take(member, report(0.5, 100), 0);
  weights.take(member, report(0.5, 100), 10_000);
  expect(weights.weightOf(member, 10_000)).toBe(200);
  weights.reset(member);
  weights.take(member, report(0.5, 100), 11_000);
  expect(weights.weightOf(member, 12_000)).toBe(0);
});
