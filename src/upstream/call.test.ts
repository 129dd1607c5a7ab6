import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { answer, restCall } from '../../test/support/calls.ts';
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

test('a stack of no layers is what it is put on', async () => {
  const sent = answer('x');
  expect(await stack()(async () => sent)(restCall())).toBe(sent);
});

test('a fork ends with its call, for the same reason', () => {
  const caller = new AbortController();
  const { call } = fork(restCall({ signal: caller.signal }));
  const reason = new Error('gone');
  caller.abort(reason);
  expect(call.signal.reason).toBe(reason);
});

test('a fork of a call that has ended has ended', () => {
  const reason = new Error('gone');
  const { call } = fork(restCall({ signal: AbortSignal.abort(reason) }));
  expect(call.signal.reason).toBe(reason);
});

test('a fork can end without its call', () => {
  const caller = new AbortController();
  const { call, abort } = fork(restCall({ signal: caller.signal }));
  const reason = new Error('too slow');
  abort(reason);
  expect(call.signal.reason).toBe(reason);
  expect(caller.signal.aborted).toBe(false);
});

test('once released a fork does not hear of its call any more, and leaves nothing behind on it', () => {
  const caller = new AbortController();
  const { call, release } = fork(restCall({ signal: caller.signal }));
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
  release();
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  caller.abort();
  expect(call.signal.aborted).toBe(false);
});

test('a fork is the same call in everything else', () => {
  const call = restCall();
  const copy = fork(call).call;
  expect({ ...copy, signal: call.signal }).toEqual(call);
});
