import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, settled } from '../../../test/support/upstream/scripted-send.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { ANONYMOUS } from '../../request/principal.ts';
import type { Call } from '../call.ts';
import type { UpstreamEvent } from '../events.ts';
import { Overrides } from '../operations/overrides.ts';
import type { InjectedFault } from './fault-options.ts';

const upstreamWith = (fault: InjectedFault, faultInjection = true) => {
  const clock = manualClock();
  const overrides = new Overrides(clock);
  overrides.replace([
    { upstream: 'shop.things', action: { is: 'faults', faults: [fault] }, reason: 'game day', expiresInMs: 60_000 },
  ]);
  const events: UpstreamEvent[] = [];
  let sent = 0;
  const upstream = stacked(
    async () => {
      sent += 1;
      return answer('ok');
    },
    {
      clock,
      random: seeded(1),
      overrides: overrides.activeFor('shop.things'),
      report: (event) => events.push(event),
      faultInjection,
      timeoutMs: 500,
      traffic: { retry: false, circuit: false },
    },
  );
  const sendCall = (changes: Partial<Call> = {}) =>
    upstream.send(restCall({ deadline: clock.now() + 10_000, ...changes }));
  return { sendCall, clock, events, sent: () => sent };
};

test('a share of the attempts is aborted with the status', async () => {
  const { sendCall, sent } = upstreamWith({ share: 0.1, abort: 503 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1_000 }, (_, at) =>
      sendCall({ message: { ...restCall().message, target: `/${at}` } as Call['message'] }),
    ),
  );
  const failed = outcomes.filter(({ status }) => status === 'rejected').length;
  expect(failed).toBeGreaterThan(70);
  expect(failed).toBeLessThan(130);
  expect(sent()).toBe(1_000 - failed);
});

test.each([
  [503, { code: 'SERVICE_UNAVAILABLE', status: 503 }],
  ['UNAVAILABLE', { code: 'SERVICE_UNAVAILABLE', status: 14 }],
  ['reset', { code: 'UPSTREAM_ERROR', status: null }],
] as const)('an abort with %s has the error of a backend', async (abort, error) => {
  const { sendCall, events } = upstreamWith({ share: 1, abort });
  expect(await failureOf(sendCall())).toMatchObject(error);
  expect(events.filter(({ is }) => is === 'attempt')).toEqual([]);
});

test('a delayed attempt is sent after the delay, and ends at its timeout', async () => {
  const { sendCall, clock, sent } = upstreamWith({ share: 1, delayMs: 300 });
  const one = sendCall();
  await settled();
  expect(sent()).toBe(0);
  clock.advance(300);
  expect((await one).value).toBe('ok');
  const late = upstreamWith({ share: 1, delayMs: 900 });
  const failure = failureOf(late.sendCall());
  await settled();
  late.clock.advance(500);
  expect([await failure, late.sent()]).toMatchObject([{ code: 'TIMEOUT' }, 0]);
});

const origin = { headers: { 'x-chaos': 'on' }, principal: ANONYMOUS, clientAddress: '', operation: null };

test.each<[string, Omit<InjectedFault, 'share'>, Partial<Call>]>([
  ['route', { route: 'GET /things/{id}' }, { route: 'GET /others' }],
  ['subset', { subset: 'v2' }, {}],
  ['header', { header: { 'x-chaos': 'on' } }, {}],
])('a fault for one %s leaves other calls alone', async (_by, conditions, other) => {
  const { sendCall } = upstreamWith({ share: 1, abort: 500, ...conditions });
  expect((await sendCall(other)).value).toBe('ok');
});

test('a fault concerns calls with its route and its header', async () => {
  const { sendCall } = upstreamWith({ share: 1, abort: 500, route: 'GET /things/{id}', header: { 'x-chaos': 'on' } });
  expect(await failureOf(sendCall({ origin }))).toMatchObject({ status: 500 });
});

test('a fault ends with its override, and has no effect while fault injection is off', async () => {
  const { sendCall, clock } = upstreamWith({ share: 1, abort: 500 });
  clock.advance(60_000);
  expect((await sendCall()).value).toBe('ok');
  expect((await upstreamWith({ share: 1, abort: 500 }, false).sendCall()).value).toBe('ok');
});
