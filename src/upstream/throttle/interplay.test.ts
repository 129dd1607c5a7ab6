import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { type Reaction, simulatedEndpoints } from '../../../test/support/upstream/simulated-endpoints.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamEvent } from '../events.ts';
import type { TrafficOptions } from '../options.ts';

const HOSTS = ['a', 'b', 'c'];
const PER_SECOND = 100;

const status = (code: number) => (call: Call) =>
  new UpstreamError(code === 429 ? 'RATE_LIMITED' : 'SERVICE_UNAVAILABLE', call, `answered ${code}`, {
    status: code,
    response: { status: code, headers: {}, body: undefined },
  });
const rejects = (code: number): Reaction => ({ afterMs: 5, fails: status(code) });
const ACCEPTS: Reaction = { afterMs: 5, fails: null };

/** Calls to three endpoints that react like this. */
const simulated = async (react: (now: number) => Reaction, traffic: TrafficOptions, forMs = 60_000) => {
  const clock = manualClock();
  const events: UpstreamEvent[] = [];
  const behaviours = Object.fromEntries(HOSTS.map((host) => [host, react]));
  const { send, run } = simulatedEndpoints(behaviours, clock);
  const upstream = stacked(send, {
    clock,
    random: seeded(11),
    endpoints: HOSTS.map((host) => endpointAt(`http://${host}`)),
    traffic,
    report: (event) => events.push(event),
  });
  const call = (index: number) => restCall({ deadline: clock.now() + 2_000 }, { target: `/things/${index}` });
  const ended = await run({ through: upstream.send, perSecond: PER_SECOND, forMs, call });
  const refused = ({ error }: (typeof ended)[number]) =>
    error instanceof UpstreamError && error.reason.startsWith('throttled');
  const count = (holds: (event: UpstreamEvent) => boolean) => events.filter(holds).length;
  return {
    ended,
    attempts: count(({ is }) => is === 'attempt'),
    retries: count(({ is }) => is === 'retry'),
    opened: count((event) => event.is === 'circuit' && event.to === 'open'),
    lastThrottledAt: ended.filter(refused).at(-1)?.at ?? 0,
    throttled: count((event) => event.is === 'refusal' && event.reason === 'throttled'),
  };
};
const CALLS = PER_SECOND * 60;

test('of a backend that answers 429 to everything, a fifth of the calls is sent; without throttling all and their retries', async () => {
  const all = await simulated(() => rejects(429), {});
  const some = await simulated(() => rejects(429), { throttle: true });
  expect(all.attempts).toBeGreaterThan(CALLS);
  expect(some.attempts).toBeLessThan(0.35 * CALLS);
  // A pause needs a Retry-After, so that circuits stay closed.
  expect([all.opened, some.opened]).toEqual([0, 0]);
});

test('a refused call deposits nothing in the retry budget, so that retries shrink with the calls that are sent', async () => {
  const { retries, throttled } = await simulated(() => rejects(429), { throttle: true });
  const sent = CALLS - throttled;
  expect(retries).toBeGreaterThan(0);
  expect(retries).toBeLessThanOrEqual(0.2 * sent + 10 * 61);
});

test('of a backend that answers 503 to everything, circuits already keep the calls away; throttling adds no attempts', async () => {
  const all = await simulated(() => rejects(503), {});
  const some = await simulated(() => rejects(503), { throttle: true });
  expect(all.opened).toBeGreaterThan(0);
  expect(all.attempts).toBeLessThan(0.02 * CALLS);
  expect(some.attempts).toBeLessThanOrEqual(all.attempts);
});

test.each([
  [120_000, 150],
  [10_000, 15],
])('with a window of %i ms, refusals end at most %i s after an overload of 20 s', async (windowMs, seconds) => {
  const { lastThrottledAt } = await simulated(
    (now) => (now < 20_000 ? rejects(429) : ACCEPTS),
    { throttle: { windowMs } },
    200_000,
  );
  expect(lastThrottledAt).toBeGreaterThan(20_000);
  expect(lastThrottledAt - 20_000).toBeLessThan(seconds * 1_000);
});

test('circuits that are open are no evidence of overload: after an outage without an answer nothing is refused', async () => {
  const lost: Reaction = { afterMs: 5, fails: (call) => new UpstreamError('UPSTREAM_ERROR', call, 'reset') };
  const { ended, throttled } = await simulated((now) => (now < 20_000 ? lost : ACCEPTS), { throttle: true });
  expect(throttled).toBe(0);
  expect(ended.filter(({ at, ok }) => at > 50_000 && !ok)).toEqual([]);
});
