import { expect, test } from 'vitest';
import { memberAt } from '../../../test/support/upstream/balanced.ts';
import { trafficSettings } from '../options.ts';
import type { ProbeOptions } from './load-options.ts';
import { loadOf, ProbePool } from './probe-pool.ts';

const opened = (options: ProbeOptions = {}) =>
  new ProbePool(trafficSettings({ balance: { probes: options } }).balance.probes);
const report = (inFlight: number | null, latencyMs: number | null = 10) => ({
  utilization: 0,
  qps: 0,
  eps: 0,
  inFlight,
  latencyMs,
});

test('a report is dropped at its age limit, after its number of uses, and at a reset', () => {
  const pool = opened({ uses: 2 });
  const member = memberAt('a');
  pool.take(member, report(1), 0);
  expect(pool.of(member, 999)).toMatchObject({ inFlight: 1, latencyMs: 10 });
  expect(pool.of(member, 1_000)).toBeNull();
  pool.take(member, report(1), 2_000);
  for (let use = 0; use < 2; use++) {
    const found = pool.of(member, 2_000);
    if (found === null) throw new Error('the report is missing');
    found.uses += 1;
  }
  expect(pool.of(member, 2_000)).toBeNull();
  pool.take(member, report(1), 3_000);
  pool.reset(member);
  expect(pool.of(member, 3_000)).toBeNull();
});

test('a report without calls in flight changes nothing; one without a latency has the measured one', () => {
  const pool = opened();
  const member = memberAt('a');
  member.latency.observe(7, { is: 'success' }, 0);
  pool.take(member, report(null), 0);
  expect(pool.size).toBe(0);
  pool.take(member, report(3, null), 0);
  expect(pool.of(member, 0)?.latencyMs).toBe(7);
});

test('a full pool drops in turn the report of the highest load and the oldest one', () => {
  const pool = opened({ pool: 3 });
  const members = ['a', 'b', 'c', 'd', 'e'].map((host) => memberAt(host));
  for (const [index, member] of members.slice(0, 3).entries()) pool.take(member, report([2, 9, 1][index] ?? 0), index);
  const kept = () => members.filter((member) => pool.of(member, 10) !== null).map(({ address }) => address.slice(7));
  if (members[3] !== undefined) pool.take(members[3], report(5), 3);
  expect(kept()).toEqual(['a', 'c', 'd']);
  if (members[4] !== undefined) pool.take(members[4], report(5), 4);
  expect(kept()).toEqual(['c', 'd', 'e']);
});

test('the load counts the gateway’s own attempts that have begun or ended since the report', () => {
  const pool = opened();
  const member = memberAt('a');
  member.inFlight = 2;
  pool.take(member, report(5), 0);
  const found = pool.of(member, 0);
  if (found === null) throw new Error('the report is missing');
  expect(loadOf(found, 1)).toBe(5);
  member.inFlight = 4;
  expect(loadOf(found, 1)).toBe(7);
  expect(loadOf(found, 2)).toBe(3.5);
  member.inFlight = 0;
  expect(loadOf(found, 1)).toBe(3);
});

test('the threshold is the quantile of the last 64 samples', () => {
  const pool = opened();
  for (let load = 0; load < 64; load++) pool.sample(load);
  expect(pool.threshold).toBe(Math.floor(0.84 * 64));
  for (let load = 0; load < 64; load++) pool.sample(100);
  expect(pool.threshold).toBe(100);
});
