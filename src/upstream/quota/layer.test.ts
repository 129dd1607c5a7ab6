import { expect, test } from 'vitest';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, manualDependencies } from '../../../test/support/upstream/scripted-send.ts';
import { UpstreamError } from '../../core/errors.ts';
import { memoryCallCounters } from '../../rate-limit/call-counter.ts';
import type { Answer, Call } from '../call.ts';
import { outcomeOf } from '../outcome.ts';
import { isRetryable } from '../retry/is-retryable.ts';
import { providerQuota } from './layer.ts';

const rig = (calls: number, perSeconds = 60) => {
  const dependencies = manualDependencies();
  const counter = memoryCallCounters(dependencies.clock)({ limit: calls, seconds: perSeconds }, 'shop.things');
  let sent = 0;
  let respond: () => Answer = answer;
  const send = providerQuota(
    { settings: { calls, perSeconds }, counter },
    dependencies,
  )(async () => {
    sent += 1;
    return respond();
  });
  return {
    ...dependencies,
    clock: dependencies.clock,
    send,
    sent: () => sent,
    answers: (headers: Record<string, string>) => {
      respond = () => ({ ...answer(), headers });
    },
    rejects: (status: number, headers: Record<string, string>, retryAfterMs: number | null) => {
      respond = () => {
        const response = { status, headers, body: undefined };
        throw new UpstreamError('RATE_LIMITED', restCall(), 'rejected', { status, response, retryAfterMs });
      };
    },
  };
};

const made = async (send: (call: Call) => Promise<unknown>, count: number, call = restCall()): Promise<void> => {
  for (let at = 0; at < count; at += 1) await send(call).catch(() => {});
};

test('a call beyond the quota is RATE_LIMITED with retryAfter, is not sent, and never retried', async () => {
  const { send, sent, events } = rig(2);
  await made(send, 2);
  const failure = await failureOf(send(restCall()));
  expect(failure).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfter: 62 }, retryAfterMs: 62_000 });
  expect(sent()).toBe(2);
  expect(isRetryable(restCall(), failure, new Set([429]))).toBe(false);
  // The endpoint is not paused by it.
  expect(outcomeOf(failure)).toEqual({ is: 'ignored' });
  expect(events).toEqual([{ is: 'refusal', route: 'GET /things/{id}', reason: 'quota' }]);
});

test('calls are sent again once the period has passed', async () => {
  const { send, sent, clock } = rig(2);
  await made(send, 3);
  clock.advance(62_000);
  await made(send, 3);
  expect(sent()).toBe(4);
});

test.each([
  [{ ratelimit: '"default";r=1;t=30' }],
  [{ ratelimit: '"default";r=1', 'ratelimit-policy': '"default";q=100;w=30' }],
  [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '30' }],
])('what an answer states corrects the count: %o', async (headers) => {
  const { send, sent, answers, clock } = rig(100);
  answers(headers);
  await made(send, 1);
  answers({});
  await made(send, 5);
  expect(sent()).toBe(2);
  clock.advance(30_000);
  await made(send, 5);
  expect(sent()).toBe(7);
});

test('the Retry-After of a rejection ends all calls for that long', async () => {
  const { send, sent, rejects, answers, clock } = rig(100);
  rejects(429, { 'retry-after': '20' }, 20_000);
  await made(send, 5);
  expect(sent()).toBe(1);
  expect(await failureOf(send(restCall()))).toMatchObject({ details: { retryAfter: 20 } });
  clock.advance(20_000);
  answers({});
  await made(send, 5);
  expect(sent()).toBe(6);
});

test('a statement counts for one period at most: a wrong reset does not end all calls for a month', async () => {
  const { send, sent, answers, clock } = rig(100, 60);
  answers({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2000000' });
  await made(send, 2);
  clock.advance(60_000);
  await made(send, 1);
  expect(sent()).toBe(2);
});

test('a 429 to one of several callers does not refuse the calls of others', async () => {
  const { send, sent, rejects, answers } = rig(100);
  rejects(429, { 'retry-after': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '20' }, 20_000);
  await made(send, 1, restCall({ isIdentified: true, principalKey: 'ann' }));
  answers({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '20' });
  await made(send, 1, restCall({ isIdentified: true, principalKey: 'ann' }));
  await made(send, 3, restCall({ isIdentified: true, principalKey: 'bob' }));
  expect(sent()).toBe(5);
});
