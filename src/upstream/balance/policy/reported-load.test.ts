import { expect, test } from 'vitest';
import { type Balanced, balanced, memberAt } from '../../../../test/support/upstream/balanced.ts';
import { restCall } from '../../../../test/support/upstream/calls.ts';
import type { Endpoint } from '../../endpoints/endpoint.ts';

/** A simulated backend: its capacity in calls per second, and what it reports for its true utilization and calls. */
interface Backend {
  readonly capacity: number;
  readonly options?: Partial<Endpoint>;
  readonly reports?: (utilization: number, qps: number) => string;
}

const honest = (utilization: number, qps: number): string =>
  `TEXT application_utilization=${utilization},rps_fractional=${qps}`;
const AVERAGE_MS = 1_000;

interface Second {
  readonly utilizations: readonly number[];
  readonly shares: readonly number[];
}

/** Sends calls at a fixed rate and returns the true utilization of each backend in each second. */
const loaded = async (
  backends: readonly Backend[],
  { perSecond, seconds, each }: { perSecond: number; seconds: number; each?: (second: number, over: Balanced) => void },
): Promise<readonly Second[]> => {
  const members = backends.map(({ options }, index) => memberAt(`b${index}`, options));
  const over = balanced(members, { policy: 'load-reports' });
  const recent: number[][] = backends.map(() => []);
  const counts = backends.map(() => 0);
  const send = over.through(async ({ endpoint }) => {
    const index = Number(endpoint?.url.hostname.slice(1));
    const { capacity, reports = honest } = backends[index] ?? { capacity: 1 };
    const now = over.clock.now();
    const calls = recent[index] ?? [];
    calls.push(now);
    while ((calls[0] ?? now) <= now - AVERAGE_MS) calls.shift();
    counts[index] = (counts[index] ?? 0) + 1;
    const qps = (calls.length * 1_000) / AVERAGE_MS;
    return {
      status: 200,
      headers: { 'endpoint-load-metrics': reports(qps / capacity, qps) },
      size: 0,
      value: undefined,
    };
  });
  const measured: Second[] = [];
  for (let second = 0; second < seconds; second++) {
    each?.(second, over);
    counts.fill(0);
    for (let call = 0; call < perSecond; call++) {
      await send(restCall({ deadline: Number.POSITIVE_INFINITY }));
      over.clock.advance(1_000 / perSecond);
    }
    measured.push({
      utilizations: backends.map(({ capacity }, index) => (counts[index] ?? 0) / capacity),
      shares: counts.map((count) => count / perSecond),
    });
  }
  return measured;
};

const CAPACITIES = [100, 200, 400].map((capacity) => ({ capacity }));
const unevenness = ({ utilizations }: Second): number =>
  Math.max(...utilizations) / (utilizations.reduce((sum, each) => sum + each, 0) / utilizations.length);

test('at capacities 1:2:4, the highest utilization is at most 1.05 times the mean in every second', async () => {
  const measured = await loaded(CAPACITIES, { perSecond: 630, seconds: 60 });
  // During the blackout the configured weights decide.
  expect(unevenness(measured[5] ?? { utilizations: [], shares: [] })).toBeGreaterThan(1.5);
  for (const second of measured.slice(15)) expect(unevenness(second)).toBeLessThanOrEqual(1.05);
});

test('a configured weight multiplies the reported one', async () => {
  const [first, ...others] = CAPACITIES;
  const backends = [{ ...first, capacity: 100, options: { weight: 4 } }, ...others];
  const [share = 0] = (await loaded(backends, { perSecond: 500, seconds: 20 })).at(-1)?.shares ?? [];
  expect(share).toBeCloseTo(0.4, 2);
});

test('an endpoint that joins has the mean weight of the others until its reports count', async () => {
  const backends = [...CAPACITIES, { capacity: 400 }];
  const measured = await loaded(backends, {
    perSecond: 500,
    seconds: 45,
    each: (second, over) => {
      if (second === 0) over.members.current = over.members.current.slice(0, 3);
      if (second === 20) over.members.current = [...over.members.current, memberAt('b3')];
    },
  });
  expect(measured[25]?.shares[3]).toBeCloseTo(0.25, 1);
  for (const second of measured.slice(35)) expect(unevenness(second)).toBeLessThanOrEqual(1.05);
});

const LIES: Readonly<Record<string, (utilization: number, qps: number) => string>> = {
  'no utilization': (_, qps) => honest(1e-9, qps),
  'a huge number of calls': (utilization) => honest(utilization, 1e12),
  overload: (_, qps) => honest(1e9, qps),
  'only errors': (utilization, qps) => `${honest(utilization, qps)},eps=1e9`,
  'no number': (_, qps) => honest(Number.NaN, qps),
  'a negative utilization': (_, qps) => honest(-1, qps),
};
for (const [lie, reports] of Object.entries(LIES))
  test(`an endpoint that reports ${lie} leaves the proportion of the others, and keeps a share`, async () => {
    const backends = [...CAPACITIES, { capacity: 200, reports }];
    const { shares = [] } = (await loaded(backends, { perSecond: 700, seconds: 30 })).at(-1) ?? {};
    const [one = 0, two = 0, four = 0, liar = 0] = shares;
    expect(two / one).toBeGreaterThan(1.7);
    expect(four / two).toBeGreaterThan(1.7);
    expect(liar).toBeGreaterThan(0.01);
    // Ten times the median.
    expect(liar).toBeLessThan(0.8);
  });
