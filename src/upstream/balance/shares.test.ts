import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { underAntagonists } from '../../../test/support/upstream/antagonised-servers.ts';
import { balanced, heldCircuits, memberAt, reached } from '../../../test/support/upstream/balanced.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import {
  type Behaviours,
  type Ended,
  failsAfter,
  percentile,
  shareOf,
  simulatedEndpoints,
  takes,
} from '../../../test/support/upstream/simulated-endpoints.ts';
import { type Member, memberWith } from '../endpoints/member.ts';
import { type PeakEwma, peakEwma } from '../endpoints/peak-ewma.ts';
import type { BalanceOptions } from '../options.ts';

/** Sends calls at a fixed rate to simulated endpoints. */
const simulate = (
  behaviours: Behaviours,
  {
    perSecond = 200,
    forMs,
    members,
    options = {},
  }: {
    readonly perSecond?: number;
    readonly forMs: number;
    readonly members?: readonly Member[];
    readonly options?: BalanceOptions;
  },
): Promise<readonly Ended[]> => {
  const clock = manualClock();
  const simulation = simulatedEndpoints(behaviours, clock);
  const over = balanced(members ?? Object.keys(behaviours).map((host) => memberAt(host)), options, clock);
  return simulation.run({ through: over.through(simulation.send), perSecond, forMs });
};

const after = (ended: readonly Ended[], from: number, to = Number.POSITIVE_INFINITY) =>
  ended.filter(({ at }) => at >= from && at < to);

const WEIGHTED = [1, 1, 2].map((weight, index) => [`e${index}`, { weight }] as const);

for (const policy of ['peak-ewma', 'least-request', 'random', 'probing', 'load-reports'] as const)
  test(`${policy}: with equal latencies weights 1, 1, 2 are the shares, within a point`, async () => {
    const members = WEIGHTED.map(([host, options]) => memberAt(host, options));
    const counts = await reached(balanced(members, { policy }), 10_000, restCall());
    for (const [index, share] of [0.25, 0.25, 0.5].entries())
      expect(Math.abs((counts[index] ?? 0) / 10_000 - share)).toBeLessThan(0.01);
  });

test('weights in hundreds mean the same as weights in ones, under load too', async () => {
  const shares = async (unit: number) => {
    const members = WEIGHTED.map(([host, { weight }]) => memberAt(host, { weight: weight * unit }));
    const ended = await simulate(
      { e0: takes(10), e1: takes(10), e2: takes(10) },
      { perSecond: 500, forMs: 10_000, members },
    );
    return WEIGHTED.map(([host]) => shareOf(ended, host));
  };
  const ones = await shares(1);
  expect(await shares(100)).toEqual(ones);
  for (const [index, share] of [0.25, 0.25, 0.5].entries())
    expect(Math.abs((ones[index] ?? 0) - share)).toBeLessThan(0.08);
});

test('rare measurements do not increase the share of an endpoint of little weight', async () => {
  const members = [memberAt('main', { weight: 99 }), memberAt('canary', { weight: 1 })];
  const ended = await simulate({ main: takes(10), canary: takes(10) }, { perSecond: 2, forMs: 600_000, members });
  expect(shareOf(ended, 'canary')).toBeLessThan(0.03);
  expect(shareOf(ended, 'canary')).toBeGreaterThan(0);
  const pair = [memberAt('main', { weight: 3 }), memberAt('canary', { weight: 2 })];
  const idle = await simulate(
    { main: takes(10), canary: takes(10) },
    { perSecond: 0.1, forMs: 20_000_000, members: pair },
  );
  expect(Math.abs(shareOf(idle, 'canary') - 0.4)).toBeLessThan(0.03);
});

/** Typical service latencies: mostly short, some several times longer. */
const exponential = (meanMs: number, seed: number) => {
  const random = seeded(seed);
  return () => ({ afterMs: -meanMs * Math.log(1 - random()), fails: null });
};

test('shares follow weights within a few points, also with variable latencies', async () => {
  const behaviours = { e0: exponential(10, 1), e1: exponential(10, 2), e2: exponential(10, 3) };
  const members = WEIGHTED.map(([host, options]) => memberAt(host, options));
  const ended = await simulate(behaviours, { forMs: 60_000, members });
  for (const [index, share] of [0.25, 0.25, 0.5].entries())
    expect(Math.abs(shareOf(ended, `e${index}`) - share)).toBeLessThan(0.05);
  const canary = [memberAt('e0', { weight: 99 }), memberAt('e1', { weight: 1 })];
  expect(shareOf(await simulate(behaviours, { forMs: 60_000, members: canary }), 'e1')).toBeLessThan(0.03);
});

test('the heaviest endpoint is avoided like any other while slow or failing quickly', async () => {
  const members = () => WEIGHTED.map(([host, options]) => memberAt(host, options));
  const slow = await simulate({ e0: takes(10), e1: takes(10), e2: takes(200) }, { forMs: 40_000, members: members() });
  expect(shareOf(after(slow, 10_000), 'e2')).toBeLessThanOrEqual(0.05);
  const failing = await simulate(
    { e0: takes(10), e1: takes(10), e2: failsAfter(1) },
    { forMs: 20_000, members: members() },
  );
  expect(shareOf(after(failing, 1_000), 'e2')).toBeLessThanOrEqual(0.05);
});

const jittered = (baseMs: number, seed: number) => {
  const random = seeded(seed);
  return () => ({ afterMs: baseMs * (0.8 + 0.4 * random()), fails: null });
};

test('one endpoint of three that is 20 times slower gets at most 5 % after 10 s, and tail latency does not rise', async () => {
  const others = { a: jittered(10, 1), b: jittered(10, 2) };
  const base = await simulate({ ...others, c: jittered(10, 3) }, { forMs: 40_000 });
  const ended = after(await simulate({ ...others, c: jittered(200, 3) }, { forMs: 40_000 }), 10_000);
  expect(shareOf(ended, 'c')).toBeLessThanOrEqual(0.05);
  expect(percentile(ended, 0.99)).toBeLessThanOrEqual(2 * percentile(base, 0.99));
});

test('an endpoint that is no longer slow regains its share', async () => {
  const c = (now: number) => ({ afterMs: now < 10_000 ? 200 : 10, fails: null });
  const ended = await simulate({ a: takes(10), b: takes(10), c }, { forMs: 90_000 });
  expect(shareOf(after(ended, 80_000), 'c')).toBeGreaterThan(0.25);
});

/** Counts failures as answers. */
const unpenalised = (): PeakEwma => {
  const ewma = peakEwma();
  return {
    ...ewma,
    get measured() {
      return ewma.measured;
    },
    observe: (ms, _, now) => ewma.observe(ms, { is: 'success' }, now),
  };
};

const FAST_FAILER = { a: takes(10), b: takes(10), c: failsAfter(1) };

test('one endpoint of three that fails in 1 ms gets at most 5 % after 1 s', async () => {
  const ended = await simulate(FAST_FAILER, { forMs: 20_000 });
  expect(shareOf(after(ended, 1_000), 'c')).toBeLessThanOrEqual(0.05);
  expect(shareOf(after(ended, 1_000, 2_000), 'c')).toBeLessThanOrEqual(0.05);
});

test('an endpoint that failed for a while regains its share within 7 s of its recovery', async () => {
  const c = (now: number) => (now < 10_000 ? failsAfter(1)() : takes(10)());
  const ended = await simulate({ a: takes(10), b: takes(10), c }, { forMs: 40_000 });
  expect(Math.abs(shareOf(after(ended, 17_000), 'c') - 1 / 3)).toBeLessThan(0.03);
});

test('without the penalty an endpoint that fails quickly would get more than its share', async () => {
  const make = memberWith(unpenalised, heldCircuits);
  const members = ['a', 'b', 'c'].map((host) => make(endpoint(`http://${host}`), null));
  const ended = await simulate(FAST_FAILER, { forMs: 20_000, members });
  expect(shareOf(after(ended, 1_000), 'c')).toBeGreaterThan(1 / 3);
});

test('an endpoint that never answers is avoided immediately, because of its calls in flight', async () => {
  const ended = await simulate({ a: takes(10), b: takes(10), c: takes(60_000) }, { forMs: 5_000 });
  expect(shareOf(ended, 'c')).toBeLessThanOrEqual(0.02);
});

test('least-request: an endpoint that is 20 times slower gets less than half of its share', async () => {
  const options = { policy: 'least-request' } as const;
  const ended = await simulate({ a: takes(10), b: takes(10), c: takes(200) }, { forMs: 20_000, options });
  expect(shareOf(after(ended, 1_000), 'c')).toBeLessThan(1 / 6);
});

for (const policy of ['peak-ewma', 'least-request', 'round-robin', 'random', 'probing', 'load-reports'] as const)
  test(`${policy}: a new endpoint begins with a tenth of its share, and has all of it 2 s after the slow start`, async () => {
    const members = ['a', 'b', 'c'].map((host) => memberAt(host));
    for (const member of members.slice(2)) member.warmingSince = 0;
    const ended = await simulate(
      { a: takes(5), b: takes(5), c: takes(5) },
      { forMs: 32_000, members, options: { policy } },
    );
    const share = (from: number, to: number) => shareOf(after(ended, from, to), 'c');
    expect(share(0, 1_000)).toBeLessThanOrEqual(0.1);
    expect(share(0, 1_000)).toBeGreaterThan(0);
    expect(share(4_000, 6_000)).toBeGreaterThan(share(0, 1_000));
    expect(Math.abs(share(12_000, 32_000) - 1 / 3)).toBeLessThan(0.04);
  });

for (const policy of ['peak-ewma', 'least-request', 'round-robin', 'random', 'probing', 'load-reports'] as const)
  test(`${policy}: with two of three down by their checks none gets more than 1.5 times its fair share`, async () => {
    const members = ['a', 'b', 'c'].map((host) => memberAt(host));
    for (const member of members.slice(1)) member.checked = 'down';
    const behaviours = { a: takes(10), b: failsAfter(1), c: takes(2_000) };
    const ended = await simulate(behaviours, { forMs: 20_000, members, options: { policy } });
    for (const host of ['a', 'b', 'c']) expect(shareOf(ended, host)).toBeLessThanOrEqual(0.5);
  });

/** Shares of two priorities of four endpoints each, with these numbers of usable ones. */
const prioritised = async (first: number, second: number): Promise<readonly number[]> => {
  const level = (priority: number, usable: number) =>
    [0, 1, 2, 3].map((index) =>
      Object.assign(memberAt(`p${priority}-${index}`, { priority }), { checked: index < usable ? 'up' : 'down' }),
    );
  const counts = await reached(balanced([...level(0, first), ...level(7, second)]), 10_000, restCall());
  return [counts.slice(0, 4), counts.slice(4)].map((part) => part.reduce((sum, count) => sum + count, 0) / 10_000);
};

for (const [first, second, share] of [
  [4, 4, 1],
  [3, 4, 1],
  [2, 4, 0.7],
  [1, 4, 0.35],
  [0, 4, 0],
  [1, 1, 0.5],
] as const)
  test(`with ${first} of 4 usable, and ${second} of 4 of the next priority, the first gets ${share * 100} % of the calls`, async () => {
    const [got = 0] = await prioritised(first, second);
    if (share === 0 || share === 1) expect(got).toBe(share);
    else expect(Math.abs(got - share)).toBeLessThan(0.015);
  });

test('with antagonists on its servers, the p99.9 of probing is lower than that of peak EWMA, and far below round robin', async () => {
  const rig = { servers: 12, gateways: 12, load: 0.8, forMs: 6_000, seed: 1 };
  const p999 = async (policy: BalanceOptions['policy']) =>
    (await underAntagonists({ ...rig, balance: { ...(policy !== undefined && { policy }) } })).p999;
  const probing = await p999('probing');
  expect(probing).toBeLessThan(0.8 * (await p999('peak-ewma')));
  expect(probing).toBeLessThan(0.3 * (await p999('round-robin')));
});
