import { expect, test } from 'vitest';
import { seeded } from '../../../../test/support/random/seeded.ts';
import { type Balanced, balanced, memberAt, stands } from '../../../../test/support/upstream/balanced.ts';
import { restCall } from '../../../../test/support/upstream/calls.ts';
import { UpstreamError } from '../../../core/errors.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Member } from '../../endpoints/member.ts';

/** A simulated backend: its report, null for none, and whether its calls fail. */
interface Backend {
  readonly rif: number;
  readonly latencyMs: number;
  readonly options?: Partial<Endpoint>;
  readonly isSilent?: boolean;
  readonly fails?: boolean;
}

const HOUR = 3_600_000;
const hostOf = (index: number) => `b${index}`;
const membersOf = (backends: readonly Backend[]): readonly Member[] =>
  backends.map(({ options }, index) => memberAt(hostOf(index), options));

/** Makes calls one after the other, and returns the share of each backend. */
const sharesOf = async (over: Balanced, backends: readonly Backend[], calls: number, stepMs = 1) => {
  const counts = backends.map(() => 0);
  const send = over.through(async (call) => {
    const index = Number(call.endpoint?.url.hostname.slice(1));
    const backend = backends[index];
    counts[index] = (counts[index] ?? 0) + 1;
    over.clock.advance(stepMs);
    if (backend?.fails === true) throw new UpstreamError('UPSTREAM_ERROR', call, 'broken', { status: 500 });
    const report = `TEXT named_metrics.rif=${backend?.rif},named_metrics.latency_ms=${backend?.latencyMs}`;
    const headers: Record<string, string> = backend?.isSilent === true ? {} : { 'endpoint-load-metrics': report };
    return { status: 200, headers, size: 0, value: undefined };
  });
  for (let call = 0; call < calls; call++) await send(restCall({ deadline: HOUR })).catch(() => {});
  return counts.map((count) => count / calls);
};

const probed = (backends: readonly Backend[], seed = 1): Balanced =>
  balanced(membersOf(backends), { policy: 'probing', seed, probes: { maxAgeMs: HOUR, uses: 1_000_000 } });

const backend = (rif: number, latencyMs: number, options: Partial<Endpoint> = {}): Backend => ({
  rif,
  latencyMs,
  options,
});

/** The share of each backend after all have reported once. */
const settledShares = async (backends: readonly Backend[], calls = 2_000) => {
  const over = probed(backends);
  await sharesOf(over, backends, 50 * backends.length);
  return sharesOf(over, backends, calls, 0);
};

test('of cold endpoints, the one with the lower latency is chosen, whatever their calls in flight', async () => {
  const [slow = 0, fast = 0] = await settledShares([backend(1, 40), backend(2, 10), backend(2, 40), backend(2, 40)]);
  expect(fast).toBeGreaterThan(0.7);
  expect(slow).toBeLessThan(0.15);
});

test('a hot endpoint is avoided although its latency is the lowest', async () => {
  const backends = [...Array.from({ length: 9 }, () => backend(1, 40)), backend(30, 5)];
  expect((await settledShares(backends)).at(-1)).toBeLessThan(0.03);
});

test('latencies that differ by less than a fifth do not change the shares', async () => {
  const backends = [backend(2, 10, { weight: 1 }), backend(2, 11, { weight: 1 }), backend(2, 9, { weight: 2 })];
  const shares = await settledShares(backends, 10_000);
  for (const [index, expected] of [0.25, 0.25, 0.5].entries())
    expect(Math.abs((shares[index] ?? 0) - expected)).toBeLessThan(0.02);
});

test('without reports the shares are those of peak EWMA', async () => {
  const backends = [1, 1, 2].map((weight) => ({ ...backend(0, 0, { weight }), isSilent: true }));
  const byEwma = balanced(membersOf(backends), { policy: 'peak-ewma' });
  expect(await sharesOf(probed(backends), backends, 4_000)).toEqual(await sharesOf(byEwma, backends, 4_000));
});

test('random weights: equal endpoints get their weights as shares, and a better one at most five times its weight', async () => {
  const random = seeded(3);
  for (let round = 0; round < 20; round++) {
    const weights = Array.from({ length: 2 + Math.floor(random() * 8) }, () => 1 + Math.floor(random() * 20));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const equal = weights.map((weight) => backend(2 * weight, 10, { weight }));
    for (const [index, share] of (await settledShares(equal, 4_000)).entries())
      expect(Math.abs(share - (weights[index] ?? 0) / total)).toBeLessThan(0.04);
    const better = equal.map((one, index) => (index === 0 ? backend(0, 1, one.options) : one));
    const [share = 0] = await settledShares(better, 4_000);
    const bound = 1 - (1 - (weights[0] ?? 0) / total) ** 5;
    expect(share).toBeLessThan(bound + 0.03);
  }
});

test('a canary of weight 1 among 99 stays one, however fast it is', async () => {
  const [, canary = 0] = await settledShares([backend(50, 40, { weight: 99 }), backend(0, 1, { weight: 1 })], 10_000);
  expect(canary).toBeLessThan(0.06);
});

test('an endpoint that fails quickly, and so has the lowest load, gets at most 5 % of the calls', async () => {
  const backends = [backend(8, 40), backend(8, 40), { ...backend(0, 1), fails: true }];
  const over = balanced(membersOf(backends), { policy: 'probing' });
  await sharesOf(over, backends, 500);
  expect((await sharesOf(over, backends, 5_000, 5))[2]).toBeLessThan(0.05);
});

test('the slowest endpoint receives a call at least every 11 s', async () => {
  const backends = [backend(1, 5), backend(1, 5), backend(1, 5_000)];
  const over = probed(backends);
  await sharesOf(over, backends, 200);
  for (let second = 0; second < 60; second += 11)
    expect((await sharesOf(over, backends, 1_100, 10))[2]).toBeGreaterThan(0);
});

test('endpoints that send no reports keep their share', async () => {
  for (const reporting of [8, 5, 1]) {
    const backends = Array.from({ length: 10 }, (_, index) => ({ ...backend(1, 10), isSilent: index >= reporting }));
    const silent = (await settledShares(backends, 4_000)).slice(reporting).reduce((sum, share) => sum + share, 0);
    expect(Math.abs(silent - (10 - reporting) / 10)).toBeLessThan(0.05);
  }
});

test('an ejected, drained or down endpoint receives no call, whatever it has reported', async () => {
  const backends = [backend(5, 40), backend(5, 40), backend(0, 1), backend(0, 1), backend(0, 1)];
  const over = probed(backends);
  await sharesOf(over, backends, 300);
  const [, , ejected, , down] = over.members.current;
  if (ejected === undefined || down === undefined) throw new Error('unreachable');
  Object.assign(ejected.circuits, stands('ejected'), { admission: () => 'ejected' as const });
  down.checked = 'down';
  over.members.current = over.members.current.filter((_, index) => index !== 3);
  expect((await sharesOf(over, backends, 1_000)).slice(2)).toEqual([0, 0, 0]);
});

test('lists replaced 1,000 times between calls: every call goes to an endpoint of the current list', async () => {
  const random = seeded(9);
  const all = Array.from({ length: 12 }, (_, index) => backend(index, 10 + index));
  const over = probed(all);
  const every = over.members.current;
  for (let change = 0; change < 1_000; change++) {
    over.members.current = every.filter(() => random() < 0.5);
    if (over.members.current.length === 0) over.members.current = every.slice(0, 1);
    const shares = await sharesOf(over, all, 3);
    for (const [index, share] of shares.entries())
      if (share > 0) expect(over.members.current.map(({ endpoint }) => endpoint.url.hostname)).toContain(hostOf(index));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  }
});
