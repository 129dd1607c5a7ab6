import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { hedging, slowRead as read } from '../../../test/support/upstream/hedging.ts';
import { failureOf, manualDependencies, settled } from '../../../test/support/upstream/scripted-send.ts';
import { type ErrorCode, UpstreamError } from '../../core/errors.ts';
import type { Send } from '../call.ts';
import { NoEndpointError } from '../errors.ts';
import { outcomeOf } from '../outcome.ts';
import { RetryBudget } from '../retry/budget.ts';
import { hedge, SupersededError } from './layer.ts';

const fails = (code: ErrorCode) => new UpstreamError(code, restCall(), 'failed');

const SLOW = { is: 'hedge', route: 'GET /things/{id}' };

test('a slow read is sent a second time, and the first answer wins', async () => {
  const { send, sent, at, dependencies } = await hedging();
  const result = send(read());
  dependencies.clock.advance(19);
  await settled();
  expect(sent).toHaveLength(1);
  dependencies.clock.advance(3);
  await settled();
  expect(sent).toHaveLength(2);
  at(1).reply({ value: 'second' });
  expect(await result).toMatchObject({ value: 'second' });
  expect(dependencies.events).toEqual([{ ...SLOW, won: true }]);
});

test('the losing attempt is aborted and its outcome is ignored', async () => {
  const { send, at, dependencies } = await hedging();
  const result = send(read());
  dependencies.clock.advance(30);
  await settled();
  at(1).reply({});
  await result;
  const { signal } = at(0).call;
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toBeInstanceOf(SupersededError);
  expect(outcomeOf(signal.reason)).toEqual({ is: 'ignored' });
  expect(at(1).call.signal.aborted).toBe(false);
});

test('the first attempt may still win', async () => {
  const { send, at, dependencies } = await hedging();
  const result = send(read());
  dependencies.clock.advance(30);
  await settled();
  at(0).reply({ value: 'first' });
  expect(await result).toMatchObject({ value: 'first' });
  expect(at(1).call.signal.reason).toBeInstanceOf(SupersededError);
  expect(dependencies.events).toEqual([{ ...SLOW, won: false }]);
});

test.each([0, 1])('the caller’s signal has no listener after attempt %d has won', async (winner) => {
  const { send, at, dependencies } = await hedging();
  const { signal } = new AbortController();
  const result = send(read({ signal }));
  dependencies.clock.advance(30);
  await settled();
  at(winner).reply({});
  await result;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(dependencies.clock.pending).toBe(0);
});

test('both attempts share the visited endpoints, but not the signal', async () => {
  const { send, at, dependencies } = await hedging();
  const call = read();
  const result = send(call);
  dependencies.clock.advance(30);
  await settled();
  expect(at(0).call.visited).toBe(call.visited);
  expect(at(1).call.visited).toBe(call.visited);
  expect(at(0).call.signal).not.toBe(at(1).call.signal);
  at(0).reply({});
  await result;
});

describe('a failure', () => {
  test('before the second attempt fails the call immediately', async () => {
    const { send, sent, at, dependencies } = await hedging();
    const failure = failureOf(send(read()));
    const error = fails('UPSTREAM_ERROR');
    at(0).fail(error);
    expect(await failure).toBe(error);
    expect(sent).toHaveLength(1);
    expect(dependencies.clock.pending).toBe(0);
  });

  test.each([
    [0, 1],
    [1, 0],
  ])('of one attempt waits for the other: %d fails', async (loser, winner) => {
    const { send, at, dependencies } = await hedging();
    const result = send(read());
    dependencies.clock.advance(30);
    await settled();
    at(loser).fail(fails('UPSTREAM_ERROR'));
    await settled();
    at(winner).reply({ value: 'good' });
    expect(await result).toMatchObject({ value: 'good' });
    expect(dependencies.events).toEqual([{ ...SLOW, won: winner === 1 }]);
  });

  test.each([
    [0, 1],
    [1, 0],
  ])('of both throws the first attempt’s error, whichever failed first: %d', async (sooner, later) => {
    const { send, at, dependencies } = await hedging();
    const failure = failureOf(send(read()));
    dependencies.clock.advance(30);
    await settled();
    const errors = [fails('UPSTREAM_ERROR'), fails('SERVICE_UNAVAILABLE')];
    at(sooner).fail(errors[sooner]);
    await settled();
    at(later).fail(errors[later]);
    expect(await failure).toBe(errors[0]);
    expect(dependencies.events).toEqual([{ ...SLOW, won: false }]);
  });

  test('with a refusal such as NOT_FOUND is final and aborts the other attempt', async () => {
    const { send, at, dependencies } = await hedging();
    const failure = failureOf(send(read()));
    dependencies.clock.advance(30);
    await settled();
    const error = fails('NOT_FOUND');
    at(1).fail(error);
    expect(await failure).toBe(error);
    expect(at(0).call.signal.reason).toBeInstanceOf(SupersededError);
  });

  test('to find an endpoint for the second attempt does not abort the first one', async () => {
    const { send, at, dependencies } = await hedging();
    const result = send(read());
    dependencies.clock.advance(30);
    await settled();
    at(1).fail(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'none', { cause: new NoEndpointError('1 dead') }));
    await settled();
    expect(at(0).call.signal.aborted).toBe(false);
    at(0).reply({ value: 'first' });
    expect(await result).toMatchObject({ value: 'first' });
  });
});

test('a late failure of the losing attempt is ignored', async () => {
  const { dependencies } = await hedging();
  const budget = new RetryBudget({ budgetRatio: 0, budgetPerSecond: 10 }, dependencies.clock);
  const late: ((error: Error) => void)[] = [];
  const deaf: Send = () =>
    new Promise((resolve, reject) => late.push(late.length === 0 ? reject : () => resolve(answer())));
  const layer = hedge({ percentile: 0.95, minDelayMs: 5 }, budget, dependencies);
  let warm = 20;
  const send = layer((call) => (warm-- > 0 ? Promise.resolve(answer()) : deaf(call)));
  while (warm > 0) await send(read());
  const result = send(read());
  dependencies.clock.advance(5);
  await settled();
  late[1]?.(new Error('unused'));
  await result;
  // An unhandled rejection would fail the run.
  late[0]?.(new Error('much later'));
  await settled();
});

test('a cancelled call aborts both attempts with the caller’s reason', async () => {
  const { send, at, dependencies } = await hedging();
  const caller = new AbortController();
  const failure = failureOf(send(read({ signal: caller.signal })));
  dependencies.clock.advance(30);
  await settled();
  const gone = new Error('gone');
  caller.abort(gone);
  expect(await failure).toBe(gone);
  expect([at(0), at(1)].map(({ call }) => call.signal.reason)).toEqual([gone, gone]);
});

test('a call cancelled before the second attempt leaves no timer', async () => {
  const { send, sent, dependencies } = await hedging();
  const caller = new AbortController();
  const failure = failureOf(send(read({ signal: caller.signal })));
  caller.abort(new Error('gone'));
  await failure;
  expect(dependencies.clock.pending).toBe(0);
  expect(sent).toHaveLength(1);
});

test('null settings return the next layer itself', () => {
  const next: Send = () => Promise.resolve(answer());
  const dependencies = manualDependencies();
  expect(
    hedge(null, new RetryBudget({ budgetRatio: 0, budgetPerSecond: 0 }, dependencies.clock), dependencies)(next),
  ).toBe(next);
});
