import { describe, expect, test } from 'vitest';
import { seeded } from '../../../test/support/random/seeded.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, manualDependencies } from '../../../test/support/upstream/scripted-send.ts';
import { type ErrorCode, UpstreamError, type UpstreamErrorOptions } from '../../core/errors.ts';
import type { Call, Send } from '../call.ts';
import { NotProcessedError } from '../errors.ts';
import { type FailedStatus, GrpcStatusError, STATUS_CODES } from '../grpc/status.ts';
import { neverProcessed } from '../outcome.ts';
import { throttle } from './layer.ts';
import { THROTTLE, type ThrottleOptions } from './throttle-options.ts';

const GRPC_NUMBERS = { RESOURCE_EXHAUSTED: 8, UNAVAILABLE: 14, INTERNAL: 13, DEADLINE_EXCEEDED: 4 } as const;

const failed = (code: ErrorCode, options: UpstreamErrorOptions = {}) =>
  new UpstreamError(code, restCall(), '', options);
const http = (status: number, code: ErrorCode = 'UPSTREAM_ERROR') =>
  failed(code, { status, response: { status, headers: {}, body: undefined } });
const rpc = (status: FailedStatus & keyof typeof GRPC_NUMBERS) =>
  failed(STATUS_CODES[status], {
    status: GRPC_NUMBERS[status],
    cause: new GrpcStatusError(status, '', {}),
    response: { status, headers: {}, body: undefined },
  });
const overload = () => http(429, 'RATE_LIMITED');

const throttled = (options: ThrottleOptions = {}, random: () => number = () => 0.5) => {
  const dependencies = manualDependencies({ random });
  const results: unknown[] = [];
  const backend: Send = async () => {
    const result = results.shift();
    if (result !== undefined) throw result;
    return answer();
  };
  const send = throttle(THROTTLE.parse(options), dependencies)(backend);
  /** Makes calls that the backend answers with these results; undefined for success. Returns the number that it received. */
  const make = async (count: number, result?: () => unknown, call: Call = restCall()): Promise<number> => {
    let received = 0;
    for (let made = 0; made < count; made += 1) {
      results.push(result?.());
      await send(call).catch(() => {});
      received += results.length === 0 ? 1 : 0;
      results.length = 0;
    }
    return received;
  };
  return { dependencies, send, make };
};

/** Probability of a refusal, found by the share of random numbers below it. */
const refusedShare = async (accepted: number, rejected: number, options: ThrottleOptions): Promise<number> => {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 20; step += 1) {
    const middle = (low + high) / 2;
    let drawn = 1;
    const { make } = throttled(options, () => drawn);
    await make(accepted);
    await make(rejected, overload);
    drawn = middle;
    if ((await make(1)) === 0) low = middle;
    else high = middle;
  }
  return low;
};

test.each([
  [100, 0, 2, 0],
  [50, 50, 2, 0],
  [40, 60, 2, 20 / 101],
  [10, 90, 2, 80 / 101],
  [0, 100, 2, 100 / 101],
  [0, 1, 2, 1 / 2],
  [50, 50, 1, 50 / 101],
  [10, 90, 3, 70 / 101],
])('with %i accepted and %i rejected calls and the ratio %i, %f of the calls are refused', async (...row) => {
  const [accepted, rejected, ratio, share] = row;
  expect(await refusedShare(accepted, rejected, { ratio, maxRefused: 1 })).toBeCloseTo(share, 4);
});

test('at most maxRefused of the calls are refused', async () => {
  expect(await refusedShare(0, 100, {})).toBeCloseTo(0.8, 4);
  expect(await refusedShare(0, 100, { maxRefused: 0.3 })).toBeCloseTo(0.3, 4);
});

test('a refused call was not sent, has a code, and is reported', async () => {
  const { send, make, dependencies } = throttled({}, () => 0);
  await make(1, overload);
  const failure = await failureOf(send(restCall()));
  expect(failure).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'shop.things: GET /things/{id}: throttled: 0 of 2 calls were accepted (SERVICE_UNAVAILABLE)',
  });
  expect(neverProcessed(failure)).toBe(true);
  expect(dependencies.events).toEqual([
    { is: 'throttle', to: 'started', reason: '0 of 1 calls were accepted' },
    { is: 'refusal', route: 'GET /things/{id}', reason: 'throttled' },
  ]);
});

test('a refused call counts as a call that was not accepted', async () => {
  let drawn = 1;
  const { make } = throttled({ maxRefused: 1 }, () => drawn);
  await make(10);
  await make(15, overload);
  // 5 of 26: the next refusals make it 6 of 27, and so on.
  drawn = 0.19;
  expect(await make(1)).toBe(0);
  drawn = 0.21;
  expect(await make(1)).toBe(0);
});

test('rejections are forgotten after two minutes', async () => {
  const { make, dependencies } = throttled({}, () => 0);
  await make(1, overload);
  dependencies.clock.advance(118_000);
  expect(await make(1)).toBe(0);
  // The refusal itself is two seconds old by then.
  dependencies.clock.advance(120_000);
  expect(await make(1)).toBe(1);
});

test('one period of refusals is one event at its start and one at its end', async () => {
  let drawn = 1;
  const { make, dependencies } = throttled({}, () => drawn);
  await make(10, overload);
  drawn = 0;
  await make(3);
  drawn = 1;
  await make(3);
  dependencies.clock.advance(9_000);
  drawn = 0;
  await make(1);
  drawn = 1;
  dependencies.clock.advance(10_000);
  await make(2);
  expect(dependencies.events.filter(({ is }) => is === 'throttle')).toEqual([
    { is: 'throttle', to: 'started', reason: '0 of 10 calls were accepted' },
    { is: 'throttle', to: 'ended', reason: '3 of 17 calls were accepted' },
  ]);
});

describe('a call counts', () => {
  const identified = restCall({ isIdentified: true });
  test.each<[string, 'rejected' | 'accepted' | 'nothing', () => unknown, Call?]>([
    ['a 429', 'rejected', overload],
    ['a 503', 'rejected', () => http(503, 'SERVICE_UNAVAILABLE')],
    ['a 503 with another code by errorCodes', 'rejected', () => http(503, 'CONFLICT')],
    ['RESOURCE_EXHAUSTED', 'rejected', () => rpc('RESOURCE_EXHAUSTED')],
    ['UNAVAILABLE', 'rejected', () => rpc('UNAVAILABLE')],
    ['a 503 for an identified caller', 'rejected', () => http(503, 'SERVICE_UNAVAILABLE'), identified],
    ['a 429 for an identified caller: its quota', 'nothing', overload, identified],
    ['a success', 'accepted', () => undefined],
    ['a 404', 'accepted', () => http(404, 'NOT_FOUND')],
    ['a 500', 'accepted', () => http(500)],
    ['INTERNAL', 'accepted', () => rpc('INTERNAL')],
    ['a server that ran out of time', 'accepted', () => rpc('DEADLINE_EXCEEDED')],
    ['a lost connection', 'nothing', () => failed('UPSTREAM_ERROR')],
    ['no connection', 'nothing', () => failed('SERVICE_UNAVAILABLE', { cause: new NotProcessedError('refused') })],
    ['a timeout', 'nothing', () => failed('TIMEOUT')],
    ['a caller that has left', 'nothing', () => new Error('left')],
  ])('%s as %s', async (_what, counted, result, call) => {
    const rejected = throttled({ maxRefused: 1 }, () => 0);
    await rejected.make(1, result, call);
    expect((await rejected.make(1)) === 0).toBe(counted === 'rejected');

    let drawn = 1;
    const accepted = throttled({ maxRefused: 1 }, () => drawn);
    await accepted.make(1, overload);
    await accepted.make(1, result, call);
    drawn = 0;
    expect((await accepted.make(1)) === 1).toBe(counted === 'accepted');
  });
});

test('calls in flight are no evidence: a burst at the start is sent', async () => {
  const { dependencies } = throttled();
  let sent = 0;
  const send = throttle(THROTTLE.parse({}), { ...dependencies, random: () => 0 })(() => {
    sent += 1;
    return new Promise(() => {});
  });
  for (let made = 0; made < 100; made += 1) void send(restCall());
  expect(sent).toBe(100);
});

test('of a backend that accepts a quarter of the load, about half is sent: twice what it accepts', async () => {
  const random = seeded(7);
  const { dependencies } = throttled();
  let sent = 0;
  let capacity = 0;
  const backend: Send = async () => {
    sent += 1;
    capacity -= 1;
    if (capacity < 0) throw overload();
    return answer();
  };
  const send = throttle(THROTTLE.parse({}), { ...dependencies, random })(backend);
  for (let second = 0; second < 240; second += 1) {
    if (second === 120) sent = 0;
    capacity = 25;
    for (let made = 0; made < 100; made += 1) await send(restCall()).catch(() => {});
    dependencies.clock.advance(1_000);
  }
  expect(sent / (120 * 100)).toBeGreaterThan(0.45);
  expect(sent / (120 * 100)).toBeLessThan(0.55);
});
