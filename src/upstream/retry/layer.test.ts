import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { answer, endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { attemptsOf, layerWith } from '../../../test/support/upstream/retried.ts';
import { failureOf, manualDependencies, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { type ErrorCode, UpstreamError, type UpstreamErrorOptions } from '../../core/errors.ts';
import type { Call, GrpcMessage } from '../call.ts';
import { NoEndpointError, NotProcessedError } from '../errors.ts';
import { type FailedStatus, GrpcStatusError, STATUS_CODES } from '../grpc/status.ts';

const fails = (code: ErrorCode, options: UpstreamErrorOptions = {}) =>
  new UpstreamError(code, restCall(), 'failed', options);
const reset = () => fails('UPSTREAM_ERROR');
const unsent = () => fails('SERVICE_UNAVAILABLE', { cause: new NotProcessedError('refused') });
const noEndpoint = () => fails('SERVICE_UNAVAILABLE', { cause: new NoEndpointError('2 dead') });
const grpcFails = (status: FailedStatus, options: UpstreamErrorOptions = {}) =>
  fails(STATUS_CODES[status], { ...options, cause: new GrpcStatusError(status, 'words', {}) });

const GRPC: GrpcMessage = {
  protocol: 'grpc',
  path: '/shop.Things/Get',
  request: new Uint8Array(),
  safe: true,
  decode: () => undefined,
};
const write = (changes: Partial<Call> = {}) => restCall({ idempotent: false, ...changes }, { method: 'POST' });
const grpcRead = (changes: Partial<Call> = {}) => restCall({ ...changes, message: GRPC });

test('a failed read and an unsent write are retried', async () => {
  expect(await attemptsOf(restCall(), reset)).toBe(3);
  expect(await attemptsOf(write(), unsent)).toBe(3);
});

test('an unsafe or pointless retry is not sent', async () => {
  expect(await attemptsOf(write(), reset)).toBe(1);
  expect(await attemptsOf(restCall(), noEndpoint)).toBe(1);
  expect(await attemptsOf(restCall(), () => fails('UPSTREAM_ERROR', { status: 503 }), { statuses: [500] })).toBe(1);
});

describe('the number of attempts', () => {
  test('is at most the configured one, including the first', async () => {
    expect(await attemptsOf(restCall(), reset, { attempts: 1 })).toBe(1);
    expect(await attemptsOf(restCall(), reset, { attempts: 5 })).toBe(5);
  });

  test('is one if retries are off', async () => {
    expect(await attemptsOf(restCall(), unsent, false)).toBe(1);
  });

  test('is one while an operator has disabled retries', async () => {
    expect(await attemptsOf(restCall(), unsent, {}, manualDependencies({ retries: () => false }))).toBe(1);
  });

  test('is limited by the budget, which is reported', async () => {
    const dependencies = manualDependencies();
    expect(await attemptsOf(restCall(), reset, { budgetRatio: 0, budgetPerSecond: 1 }, dependencies)).toBe(2);
    expect(dependencies.events).toEqual([
      { is: 'retry', route: 'GET /things/{id}', reason: 'UPSTREAM_ERROR' },
      { is: 'refusal', route: 'GET /things/{id}', reason: 'budget' },
    ]);
  });

  test('an error that is not retried costs no budget', async () => {
    const dependencies = manualDependencies();
    const { layer, budget } = layerWith(dependencies);
    const before = budget.balance();
    await failureOf(layer(() => Promise.reject(fails('NOT_FOUND', { status: 404 })))(restCall()));
    expect(budget.balance()).toBeCloseTo(before + 0.2);
    expect(dependencies.events).toEqual([]);
  });
});

test('every call deposits in the budget, with and without retries', async () => {
  for (const options of [{}, false] as const) {
    const { layer, budget } = layerWith(manualDependencies(), options);
    const before = budget.balance();
    await layer(() => Promise.resolve(answer()))(restCall());
    expect(budget.balance()).toBeCloseTo(before + 0.2);
  }
});

test('attempts are numbered and share the visited endpoints', async () => {
  const dependencies = manualDependencies();
  const { sent, send, at } = scriptedSend();
  const result = layerWith(dependencies).layer(send)(restCall());
  const a = endpoint('http://a');
  at(0).call.visited?.add(a);
  at(0).fail(unsent());
  await settled();
  expect(sent.map(({ call }) => call.attempt)).toEqual([1, 2]);
  expect(at(1).call.visited).toEqual(new Set([a]));
  at(1).reply({ value: 'good' });
  expect(await result).toMatchObject({ value: 'good' });
});

test('each call has its own visited set, with and without retries', async () => {
  for (const options of [{}, false] as const) {
    const { send, at } = scriptedSend();
    const sender = layerWith(manualDependencies(), options).layer(send);
    const results = [sender(restCall()), sender(restCall())];
    expect(at(0).call.visited).toEqual(new Set());
    expect(at(0).call.visited).not.toBe(at(1).call.visited);
    for (const index of [0, 1]) at(index).reply({});
    await Promise.all(results);
  }
});

test('the last attempt’s error is thrown unchanged', async () => {
  const errors = [reset(), reset(), fails('TIMEOUT')];
  const last = errors[2];
  const dependencies = manualDependencies();
  const failure = failureOf(layerWith(dependencies).layer(() => Promise.reject(errors.shift()))(restCall()));
  for (const _ of [1, 2]) {
    await settled();
    dependencies.clock.advance(250);
  }
  expect(await failure).toBe(last);
});

test('after a timeout a call goes to another endpoint or is not retried', async () => {
  const late = () => fails('TIMEOUT');
  const sent: Call[] = [];
  const answering = (call: Call) => {
    sent.push(call);
    return sent.length === 1 ? Promise.reject(late()) : Promise.resolve(answer());
  };
  // Immediately: the timeout was wait enough.
  await layerWith(manualDependencies()).layer(answering)(restCall());
  expect(sent.map(({ elsewhere }) => elsewhere)).toEqual([false, true]);
  const alone = layerWith(manualDependencies(), {}, () => false);
  await failureOf(alone.layer(() => Promise.reject(late()))(restCall()));
  expect(alone.budget.balance()).toBeCloseTo(10.2);
});

test('the first error is thrown if a further attempt finds no endpoint', async () => {
  const first = unsent();
  const errors = [first, noEndpoint()];
  const failure = failureOf(layerWith(manualDependencies()).layer(() => Promise.reject(errors.shift()))(restCall()));
  expect(await failure).toBe(first);
  expect(errors).toEqual([]);
});

test('a stream that was answered is not retried', async () => {
  const { sent, send, at } = scriptedSend();
  const streaming = grpcRead({ message: { ...GRPC, streaming: true } });
  const result = layerWith(manualDependencies()).layer(send)(streaming);
  at(0).reply({ value: 'messages', ended: Promise.resolve() });
  await result;
  await settled();
  expect(sent).toHaveLength(1);
});

describe('the wait before an attempt', () => {
  /** Returns the times of the attempts of a call that always fails with this error. */
  const timesOf = async (call: Call, error: () => Error, random = () => 0.5, hasOthers = () => true) => {
    const dependencies = manualDependencies({ random });
    const times: number[] = [];
    const { signal } = new AbortController();
    const failure = failureOf(
      layerWith(dependencies, {}, hasOthers).layer(() => {
        times.push(dependencies.clock.now());
        return Promise.reject(error());
      })({ ...call, signal }),
    );
    for (let ms = 0; ms < 6_000; ms += 5) {
      await settled();
      dependencies.clock.advance(5);
    }
    await failure;
    expect(dependencies.clock.pending).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    return times;
  };

  test('has decorrelated jitter', async () => {
    expect(await timesOf(restCall(), reset)).toEqual([0, 20, 55]);
    expect(await timesOf(restCall(), reset, () => 0)).toEqual([0, 10, 20]);
  });

  test('is zero for the first retry of an unsent call', async () => {
    expect(await timesOf(restCall(), unsent)).toEqual([0, 0, 20]);
  });

  test('is the pushback of a gRPC server without another endpoint', async () => {
    const alone = () => false;
    const busy = (retryAfterMs: number) => () => grpcFails('UNAVAILABLE', { retryAfterMs });
    expect(await timesOf(grpcRead(), busy(1_500), undefined, alone)).toEqual([0, 1_500, 3_000]);
    expect(await timesOf(grpcRead(), busy(0), undefined, alone)).toEqual([0, 0, 0]);
    expect(await timesOf(grpcRead(), busy(1_500))).toEqual([0, 20, 55]);
  });

  test('ignores Retry-After of an HTTP server, which is for its endpoint', async () => {
    const error = () => fails('RATE_LIMITED', { status: 429, retryAfterMs: 3_000 });
    expect(await timesOf(restCall(), error)).toEqual([0, 20, 55]);
  });

  test('is not begun if the deadline would end it: the call fails immediately', async () => {
    const dependencies = manualDependencies();
    const { send, at } = scriptedSend();
    const error = reset();
    const failure = failureOf(layerWith(dependencies).layer(send)(restCall({ deadline: 20 })));
    at(0).fail(error);
    expect(await failure).toBe(error);
    expect(dependencies.events).toEqual([]);
  });

  test('is not begun after the deadline', async () => {
    const dependencies = manualDependencies();
    const { send, at, sent } = scriptedSend();
    const failure = failureOf(layerWith(dependencies).layer(send)(restCall({ deadline: 20 })));
    dependencies.clock.advance(20);
    at(0).fail(unsent());
    await failure;
    expect(sent).toHaveLength(1);
  });
});

describe('a cancelled call', () => {
  test('ends its wait', async () => {
    const dependencies = manualDependencies();
    const { sent, send, at } = scriptedSend();
    const caller = new AbortController();
    const failure = failureOf(layerWith(dependencies).layer(send)(restCall({ signal: caller.signal })));
    at(0).fail(reset());
    await settled();
    expect(dependencies.clock.pending).toBe(1);
    const gone = new Error('gone');
    caller.abort(gone);
    expect(await failure).toBe(gone);
    expect(dependencies.clock.pending).toBe(0);
    expect(sent).toHaveLength(1);
    expect(dependencies.events).toEqual([]);
  });

  test.each([new Error('gone'), fails('TIMEOUT'), unsent()])('sends no further attempt: %s', async (reason) => {
    const { sent, send } = scriptedSend();
    const caller = new AbortController();
    const { layer, budget } = layerWith(manualDependencies());
    const failure = failureOf(layer(send)(restCall({ signal: caller.signal })));
    const before = budget.balance();
    caller.abort(reason);
    expect(await failure).toBe(reason);
    expect(sent).toHaveLength(1);
    expect(budget.balance()).toBe(before);
  });
});
