import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, manualDependencies, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { simulatedEndpoints } from '../../../test/support/upstream/simulated-endpoints.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import { trafficSettings } from '../options.ts';
import { neverProcessed } from '../outcome.ts';
import { bulkhead } from './layer.ts';

/** A bulkhead of one slot after 16 calls of 100 ms each. */
const learned = async () => {
  const dependencies = manualDependencies();
  const script = scriptedSend();
  const { layer, waiting } = bulkhead(trafficSettings({ limits: { inFlight: 1 } }).limits, dependencies);
  const send = layer(script.send);
  for (let call = 0; call < 16; call += 1) {
    const answer = send(restCall());
    await settled();
    dependencies.clock.advance(100);
    script.at(call).reply({});
    await answer;
  }
  /** Makes a call with this time left. */
  const make = (leftMs: number) => send(restCall({ deadline: dependencies.clock.now() + leftMs }));
  return { ...script, ...dependencies, waiting, make };
};

test('a call is refused at its arrival if its wait and itself take longer than it has', async () => {
  const { make, sent, events, waiting } = await learned();
  void make(10_000);
  void make(201);
  const failure = await failureOf(make(300));
  expect(failure).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    reason: 'its deadline is before the end of its wait for other calls',
  });
  expect(neverProcessed(failure)).toBe(true);
  expect(events).toEqual([{ is: 'refusal', route: 'GET /things/{id}', reason: 'deadline' }]);
  expect([sent.length, waiting()]).toEqual([17, 1]);
  void make(301);
  expect(waiting()).toBe(2);
});

test('a call that need not wait is sent, however little time it has', async () => {
  const { make, sent } = await learned();
  void make(1);
  expect(sent).toHaveLength(17);
});

test('a call with too little time at its turn is not sent, and the next one is', async () => {
  const { make, sent, at, clock, events } = await learned();
  void make(10_000);
  const late = failureOf(make(201));
  void make(10_000);
  clock.advance(150);
  at(16).reply({});
  expect(await late).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await settled();
  expect(sent.at(-1)?.call.deadline).toBe(1_600 + 10_000);
  expect([sent.length, events.length]).toEqual([18, 1]);
});

test('before the first answer nothing is known, and calls wait', async () => {
  const { layer, waiting } = bulkhead(trafficSettings({ limits: { inFlight: 1 } }).limits, manualDependencies());
  const send = layer(scriptedSend().send);
  for (const _ of [1, 2, 3]) void send(restCall({ deadline: 1 }));
  expect(waiting()).toBe(2);
});

/** Calls of six seconds, with a second each, to a backend with ten slots that takes 10 to 90 ms: 200 calls a second. */
const loaded = async (perSecond: (sinceMs: number) => number) => {
  const clock = manualClock();
  const random = seeded(3);
  const { send, run } = simulatedEndpoints({ a: () => ({ afterMs: 10 + 80 * random(), fails: null }) }, clock);
  const traffic = { limits: { inFlight: 10 } };
  const upstream = stacked(send, { clock, random, endpoints: [endpointAt('http://a')], traffic });
  const call = (index: number) => restCall({ deadline: clock.now() + 1_000 }, { target: `/things/${index}` });
  return run({ through: upstream.send, perSecond, forMs: 6_000, call });
};
type Calls = Awaited<ReturnType<typeof loaded>>;

const answered = (calls: Calls, from: number, to: number) =>
  calls.filter(({ at, ok }) => ok && at >= from && at < to).length;
const timedOut = (calls: Calls) =>
  calls.filter(({ error }) => error instanceof UpstreamError && error.code === 'TIMEOUT').length;

describe('under overload', () => {
  test.each([250, 600])('of %i calls a second, the backend answers as many as it can', async (perSecond) => {
    const calls = await loaded(() => perSecond);
    expect(answered(calls, 2_000, 6_000) / 4).toBeGreaterThan(190);
    expect(timedOut(calls)).toBeLessThan(0.01 * calls.length);
  });

  test('no call waits beyond its deadline', async () => {
    const calls = await loaded(() => 600);
    // The simulation notices the end of a call at its next event, up to 1.7 ms later.
    expect(Math.max(...calls.map(({ ms }) => ms))).toBeLessThanOrEqual(1_002);
  });

  test('a second after it, every call is answered', async () => {
    const calls = await loaded((sinceMs) => (sinceMs < 3_000 ? 600 : 150));
    expect(calls.filter(({ at, ok }) => at >= 4_000 && !ok)).toEqual([]);
  });
});

test('below its capacity no call is refused', async () => {
  expect((await loaded(() => 190)).filter(({ ok }) => !ok)).toEqual([]);
});
