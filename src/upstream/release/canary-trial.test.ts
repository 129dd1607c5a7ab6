import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamEvent } from '../events.ts';
import { Overrides } from '../operations/overrides.ts';
import { CANARY, type CanaryOptions } from './canary-options.ts';
import { CanaryTrial } from './canary-trial.ts';

type Behaviour = (call: number) => { readonly errorRate: number; readonly ms?: number };

interface Simulation {
  readonly seed: number;
  readonly calls: number;
  readonly canary: Behaviour;
  readonly baseline: Behaviour;
  readonly options?: Partial<CanaryOptions>;
  readonly to?: Readonly<Record<string, number>>;
}

/** A trial of random calls, 100 a second. Latency is exponential around `ms`. */
const simulated = ({ seed, calls, canary, baseline, options = {}, to = { v1: 90, v2: 10 } }: Simulation) => {
  const clock = manualClock();
  const random = seeded(seed);
  const events: UpstreamEvent[] = [];
  const settings = CANARY.parse({ subset: 'v2', ...options });
  const trial = new CanaryTrial(settings, to, { clock, report: (event) => events.push(event) }, () => {});
  for (let call = 0; call < calls && trial.snapshot().state === 'running'; call += 1) {
    clock.advance(10);
    const { v1 = 0, v2 = 0 } = trial.weights;
    const isCanary = random() * (v1 + v2) < v2;
    const { errorRate, ms = 10 } = (isCanary ? canary : baseline)(call);
    const is = random() < errorRate ? 'error' : 'success';
    trial.observe(isCanary ? 'v2' : 'v1', { is }, -ms * Math.log(1 - random()));
  }
  return { ...trial.snapshot(), events, minutes: clock.now() / 60_000 };
};

const steady =
  (errorRate: number, ms?: number): Behaviour =>
  () => ({ errorRate, ...(ms !== undefined && { ms }) });
const SEEDS = Array.from({ length: 100 }, (_, at) => at + 1);
const run = (simulation: Omit<Simulation, 'seed'>) => SEEDS.map((seed) => simulated({ seed, ...simulation }));
const stopped = (all: ReturnType<typeof run>) => all.filter(({ state }) => state === 'stopped').length;

describe('over 100 seeds', () => {
  test('a canary with 5 % errors against 0 % is stopped within its minimum of calls', () => {
    const all = run({ calls: 8_000, canary: steady(0.05), baseline: steady(0) });
    expect(all.map(({ state, weights }) => [state, weights])).toEqual(all.map(() => ['stopped', { v1: 1, v2: 0 }]));
    // With three errors by chance in place of ten, a few calls more are needed.
    expect(all.filter(({ calls }) => calls > 200).length).toBeLessThanOrEqual(2);
    expect(Math.max(...all.map(({ calls }) => calls))).toBeLessThan(260);
  });

  const outage: Behaviour = (call) => ({ errorRate: call > 4_000 && call < 6_000 ? 0.6 : 0.01 });
  test.each<[string, Behaviour]>([
    ['of 1 %', steady(0.01)],
    ['of 5 %', steady(0.05)],
    ['of 30 %', steady(0.3)],
    ['of an outage of both', outage],
  ])('equal error rates %s stop at most one canary', (_title, both) => {
    expect(stopped(run({ calls: 8_000, canary: both, baseline: both }))).toBeLessThanOrEqual(1);
  });

  test('equal latencies, and slower ones within the gap, stop at most one canary', () => {
    const options = { latencyGapMs: 20 };
    const even = run({ calls: 8_000, canary: steady(0, 10), baseline: steady(0, 10), options: { latencyGapMs: 0 } });
    expect(stopped(even)).toBeLessThanOrEqual(1);
    expect(stopped(run({ calls: 8_000, canary: steady(0, 15), baseline: steady(0, 10), options }))).toBeLessThanOrEqual(
      1,
    );
  });

  test('a canary slower by more than the gap is stopped', () => {
    const options = { latencyGapMs: 20 };
    const all = run({ calls: 8_000, canary: steady(0, 50), baseline: steady(0, 10), options });
    expect(stopped(all)).toBe(100);
    expect(all[0]?.events).toMatchObject([{ is: 'canary', subset: 'v2', to: 'stopped' }]);
  });

  test('a certain difference below errorGap stops at most one canary', () => {
    const options = { errorGap: 0.05 };
    expect(stopped(run({ calls: 8_000, canary: steady(0.02), baseline: steady(0), options }))).toBeLessThanOrEqual(1);
  });

  test('a good canary goes through its steps, each held; a bad one is stopped before the last', () => {
    const options = { steps: [1, 5, 25, 100], holdMs: 60_000 };
    const good = run({ calls: 200_000, canary: steady(0.01), baseline: steady(0.01), options });
    expect(good.filter(({ state }) => state === 'completed').length).toBeGreaterThanOrEqual(99);
    const steps = good[0]?.events.map((event) => (event.is === 'canary' ? [event.to, event.reason] : event));
    expect(steps).toEqual([
      ['advanced', '5 %'],
      ['advanced', '25 %'],
      ['advanced', '100 %'],
      ['completed', '100 % held'],
    ]);
    for (const { minutes } of good) expect(minutes).toBeGreaterThanOrEqual(4);
    const bad = run({ calls: 200_000, canary: steady(0.06), baseline: steady(0.01), options });
    expect([stopped(bad), bad.some(({ weights }) => weights.v2 === 100)]).toEqual([100, false]);
  });
});

test('failed calls of a canary give it weight 0, with an event; an override of the weights comes before it', async () => {
  const clock = manualClock();
  const overrides = new Overrides(clock);
  const events: UpstreamEvent[] = [];
  const upstream = stacked(
    async (call) => {
      if (call.endpoint?.labels.version === 'v1') return answer('v1');
      throw new UpstreamError('UPSTREAM_ERROR', call, 'answered 500', { status: 500 });
    },
    {
      clock,
      random: seeded(1),
      endpoints: ['v1', 'v2'].map((version) => endpointAt(`http://${version}`, { labels: { version } })),
      overrides: overrides.activeFor('shop.things'),
      report: (event) => events.push(event),
      traffic: {
        circuit: false,
        routing: {
          subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
          routes: [{ to: { v1: 90, v2: 10 }, canary: { subset: 'v2', minCalls: 20 } }],
        },
      },
    },
  );
  const versions = async (count: number): Promise<number> => {
    let failed = 0;
    for (let call = 0; call < count; call += 1) await upstream.send(restCall()).catch(() => (failed += 1));
    return failed;
  };
  expect(await versions(1_000)).toBe(20);
  expect(events.filter(({ is }) => is === 'canary')).toEqual([
    expect.objectContaining({
      subset: 'v2',
      to: 'stopped',
      reason: expect.stringContaining('100.0 % of 20 calls failed'),
    }),
  ]);
  expect(upstream.status().routing).toMatchObject({ weights: { v2: 0 }, canaries: [{ state: 'stopped' }] });
  const action = { is: 'weights', weights: { v1: 0, v2: 1 } } as const;
  overrides.replace([{ upstream: 'shop.things', action, reason: 'fixed', expiresInMs: 1_000 }]);
  expect(await versions(5)).toBe(5);
});
