import { describe, expect, test } from 'vitest';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { answer, restCall } from '../../test/support/upstream/calls.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Answer, Call, GrpcMessage, Layer, Send } from './call.ts';
import { NO_OVERRIDES } from './operations/active-overrides.ts';
import { deadline, timeout } from './time-limit.ts';

/** An upstream that the test answers, and that rejects when its call is aborted. */
const upstream = () => {
  const calls: Call[] = [];
  let reply: (value: Answer) => void = () => {};
  const send: Send = (call) => {
    calls.push(call);
    return new Promise((resolve, reject) => {
      reply = resolve;
      call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
    });
  };
  return { calls, send, reply: (value: Answer) => reply(value) };
};

const failureOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

test('a call ends at its deadline, not before, and is aborted', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const failure = failureOf(deadline(clock)(send)(restCall({ deadline: 100 })));
  clock.advance(99);
  expect(calls[0]?.signal.aborted).toBe(false);
  clock.advance(1);
  const error = await failure;
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: 'TIMEOUT', upstream: 'shop.things', route: 'GET /things/{id}' });
  expect(calls[0]?.signal.reason).toBe(error);
  expect(clock.pending).toBe(0);
});

test.each([0, -1])('a call is not sent %d ms after its deadline', async (deadlineMs) => {
  const clock = manualClock();
  const { calls, send } = upstream();
  expect(await failureOf(deadline(clock)(send)(restCall({ deadline: deadlineMs })))).toMatchObject({ code: 'TIMEOUT' });
  expect(calls).toEqual([]);
});

test('a bounded call has no second timer, and is not sent after its deadline', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const caller = new AbortController();
  const failure = failureOf(deadline(clock)(send)(restCall({ deadline: 100, signal: caller.signal, bounded: true })));
  expect(clock.pending).toBe(0);
  const reason = new Error('too late');
  caller.abort(reason);
  expect(await failure).toBe(reason);
  clock.advance(100);
  const late = failureOf(deadline(clock)(send)(restCall({ deadline: 100, bounded: true })));
  expect(await late).toMatchObject({ code: 'TIMEOUT' });
  expect(calls).toHaveLength(1);
});

test('an attempt ends at its timeout if the deadline is later', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const failure = failureOf(
    timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES })(send)(restCall({ deadline: 100 })),
  );
  expect(calls[0]?.deadline).toBe(50);
  clock.advance(49);
  expect(calls[0]?.signal.aborted).toBe(false);
  clock.advance(1);
  expect(await failure).toMatchObject({ code: 'TIMEOUT' });
});

test('an attempt ends at the deadline if that is earlier', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const failure = failureOf(
    timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES })(send)(restCall({ deadline: 20 })),
  );
  expect(calls[0]?.deadline).toBe(20);
  clock.advance(20);
  expect(await failure).toMatchObject({ code: 'TIMEOUT' });
});

test.each([
  ['deadline', (clock: ReturnType<typeof manualClock>) => deadline(clock)],
  [
    'timeout',
    (clock: ReturnType<typeof manualClock>) => timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES }),
  ],
])('%s: an answer in time is passed on, and nothing is left behind', async (_, layer) => {
  const clock = manualClock();
  const { calls, send, reply } = upstream();
  const caller = new AbortController();
  const result = layer(clock)(send)(restCall({ deadline: 100, signal: caller.signal }));
  const good = answer('x');
  reply(good);
  expect(await result).toBe(good);
  expect(clock.pending).toBe(0);
  caller.abort();
  expect(calls[0]?.signal.aborted).toBe(false);
});

test.each([
  ['deadline', (clock: ReturnType<typeof manualClock>) => deadline(clock)],
  [
    'timeout',
    (clock: ReturnType<typeof manualClock>) => timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES }),
  ],
])('%s: a caller that leaves aborts the call with its own reason', async (_, layer) => {
  const clock = manualClock();
  const { send } = upstream();
  const caller = new AbortController();
  const failure = failureOf(layer(clock)(send)(restCall({ deadline: 100, signal: caller.signal })));
  const gone = new Error('the client left');
  caller.abort(gone);
  expect(await failure).toBe(gone);
  expect(clock.pending).toBe(0);
});

test('an error of the upstream is passed on unchanged', async () => {
  const clock = manualClock();
  const failure = new UpstreamError('UPSTREAM_ERROR', restCall(), 'answered 500');
  const send: Send = () => Promise.reject(failure);
  expect(await failureOf(deadline(clock)(send)(restCall({ deadline: 100 })))).toBe(failure);
  expect(clock.pending).toBe(0);
});

test('an attempt that times out leaves the rest of the deadline to others', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const caller = new AbortController();
  const failure = failureOf(
    timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES })(send)(
      restCall({ deadline: 100, signal: caller.signal }),
    ),
  );
  clock.advance(50);
  await failure;
  expect(calls[0]?.signal.aborted).toBe(true);
  expect(caller.signal.aborted).toBe(false);
});

test.each([
  [20, 20],
  [80, 80],
  [null, 50],
])('an override of %d ms replaces the upstream’s timeout', async (decided, ms) => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const dependencies = { clock, overrides: { ...NO_OVERRIDES, timeoutMs: () => decided } };
  const failure = failureOf(timeout({ timeoutMs: 50 }, dependencies)(send)(restCall({ deadline: 100 })));
  expect(calls[0]?.deadline).toBe(ms);
  clock.advance(ms - 1);
  expect(calls[0]?.signal.aborted).toBe(false);
  clock.advance(1);
  expect(await failure).toMatchObject({ code: 'TIMEOUT', reason: `no answer within ${ms} ms` });
});

test('an override of the timeout does not exceed the deadline', async () => {
  const clock = manualClock();
  const { calls, send } = upstream();
  const dependencies = { clock, overrides: { ...NO_OVERRIDES, timeoutMs: () => 1_000 } };
  const failure = failureOf(timeout({ timeoutMs: 50 }, dependencies)(send)(restCall({ deadline: 100 })));
  expect(calls[0]?.deadline).toBe(100);
  clock.advance(100);
  expect(await failure).toMatchObject({ code: 'TIMEOUT' });
});

describe('a stream', () => {
  const message: GrpcMessage = {
    protocol: 'grpc',
    path: '/shop.Things/List',
    request: new Uint8Array(),
    safe: true,
    streaming: true,
    decode: () => undefined,
  };

  const begun = async (layer: (clock: ReturnType<typeof manualClock>) => Layer) => {
    const clock = manualClock();
    const { calls, send, reply } = upstream();
    const caller = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const result = layer(clock)(send)(restCall({ deadline: 100, signal: caller.signal, message }));
    reply({ ...answer(), ended });
    await result;
    const signal = calls[0]?.signal;
    const finish = () => {
      end();
      return ended;
    };
    return { clock, calls, caller, signal, end: finish };
  };
  const attempts = (clock: ReturnType<typeof manualClock>) =>
    timeout({ timeoutMs: 50 }, { clock, overrides: NO_OVERRIDES });

  test('ends at its deadline', async () => {
    const { clock, signal } = await begun(deadline);
    clock.advance(99);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    expect(signal?.reason).toMatchObject({ code: 'TIMEOUT' });
  });

  test('leaves no timer behind after its end', async () => {
    const { clock, caller, signal, end } = await begun(deadline);
    await end();
    expect(clock.pending).toBe(0);
    caller.abort();
    expect(signal?.aborted).toBe(false);
  });

  test('may exceed the timeout of an attempt once established, and its backend receives the full deadline', async () => {
    const { clock, calls, signal } = await begun(attempts);
    expect(clock.pending).toBe(0);
    expect(calls[0]?.deadline).toBe(100);
    clock.advance(1_000);
    expect(signal?.aborted).toBe(false);
  });

  test('must be established within the timeout of an attempt', async () => {
    const clock = manualClock();
    const { send } = upstream();
    const failure = failureOf(attempts(clock)(send)(restCall({ deadline: 100, message })));
    clock.advance(50);
    expect(await failure).toMatchObject({ code: 'TIMEOUT' });
  });

  test.each([
    ['deadline', deadline],
    ['timeout', attempts],
  ])('%s: ends when its caller leaves', async (_, layer) => {
    const { caller, signal, end } = await begun(layer);
    const gone = new Error('gone');
    caller.abort(gone);
    expect(signal?.reason).toBe(gone);
    await end();
  });
});
