import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { answer, restCall } from '../../test/support/upstream/calls.ts';
import { fork, type Layer, stack } from './call.ts';

test('the first layer listed sees the call first and its outcome last', async () => {
  const log: string[] = [];
  const named =
    (name: string): Layer =>
    (next) =>
    async (call) => {
      log.push(`${name} in`);
      try {
        return await next(call);
      } finally {
        log.push(`${name} out`);
      }
    };
  const send = stack(
    named('a'),
    named('b'),
  )(async () => {
    log.push('sent');
    return answer();
  });
  await send(restCall());
  expect(log).toEqual(['a in', 'b in', 'sent', 'b out', 'a out']);
});

test('a stack without layers is the send function itself', async () => {
  const sent = answer('x');
  expect(await stack()(async () => sent)(restCall())).toBe(sent);
});

test('a fork is aborted with its call, for the same reason', () => {
  const caller = new AbortController();
  const { call } = fork(restCall({ signal: caller.signal }));
  const reason = new Error('gone');
  caller.abort(reason);
  expect(call.signal.reason).toBe(reason);
});

test('a fork of an aborted call is aborted', () => {
  const reason = new Error('gone');
  const { call } = fork(restCall({ signal: AbortSignal.abort(reason) }));
  expect(call.signal.reason).toBe(reason);
});

test('a fork can be aborted without its call', () => {
  const caller = new AbortController();
  const { call, abort } = fork(restCall({ signal: caller.signal }));
  const reason = new Error('too slow');
  abort(reason);
  expect(call.signal.reason).toBe(reason);
  expect(caller.signal.aborted).toBe(false);
});

test('a released fork ignores its call and leaves no listener on it', () => {
  const caller = new AbortController();
  const { call, release } = fork(restCall({ signal: caller.signal }));
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
  release();
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  caller.abort();
  expect(call.signal.aborted).toBe(false);
});

test('a fork equals its call except for the signal', () => {
  const call = restCall();
  const copy = fork(call).call;
  expect({ ...copy, signal: call.signal }).toEqual(call);
});
