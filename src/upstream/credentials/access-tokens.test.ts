import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { failureOf, manualDependencies, settled } from '../../../test/support/upstream/scripted-send.ts';
import { accessTokens, NoTokenError } from './access-tokens.ts';
import { type Granted, TokenRequestError } from './token-request.ts';

const SIGNAL = new AbortController().signal;

/** Access tokens whose requests the test answers. */
const rig = (lifetimeS: number | null = 600) => {
  const dependencies = manualDependencies({ random: () => 1 });
  const requests: { grant(token?: string): void; fail(error: Error): void; readonly signal: AbortSignal }[] = [];
  const tokens = accessTokens((signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Granted>();
    signal.addEventListener('abort', () => reject(signal.reason));
    const name = `t${requests.length + 1}`;
    requests.push({ grant: (token = name) => resolve({ token, lifetimeS }), fail: reject, signal });
    return promise;
  }, dependencies);
  const token = async (signal = SIGNAL) => tokens.token(signal);
  /** Obtains the first token. */
  const begin = async () => {
    const first = token();
    requests[0]?.grant();
    expect(await first).toBe('t1');
  };
  return { dependencies, tokens, requests, token, begin, clock: dependencies.clock };
};

test('all callers share one request, and later ones its token', async () => {
  const { requests, token } = rig();
  const waiting = Promise.all([token(), token(), token()]);
  expect(requests).toHaveLength(1);
  requests[0]?.grant();
  expect(await waiting).toEqual(['t1', 't1', 't1']);
  expect(await token()).toBe('t1');
  expect(requests).toHaveLength(1);
});

test('a token is renewed once ahead of its end, and calls use the old one meanwhile', async () => {
  const { requests, token, begin, clock } = rig();
  await begin();
  clock.advance(539_999);
  expect(await token()).toBe('t1');
  expect(requests).toHaveLength(1);
  clock.advance(1);
  expect(await Promise.all([token(), token()])).toEqual(['t1', 't1']);
  expect(requests).toHaveLength(2);
  requests[1]?.grant();
  await settled();
  expect(await token()).toBe('t2');
});

test('a token without a lifetime is used for five minutes, and none in its last seconds', async () => {
  const { requests, token, begin, clock } = rig(null);
  await begin();
  clock.advance(294_999);
  expect(await token()).toBe('t1');
  requests[1]?.fail(new TokenRequestError('answered 500'));
  await settled();
  clock.advance(1_000);
  const next = token();
  requests[2]?.grant();
  expect(await next).toBe('t3');
});

test('a failed renewal is no failure of a call while the old token is valid', async () => {
  const { requests, token, begin, clock, dependencies } = rig();
  await begin();
  clock.advance(540_000);
  await token();
  requests[1]?.fail(new TokenRequestError('answered 503'));
  await settled();
  expect(await token()).toBe('t1');
  expect(requests).toHaveLength(2);
  expect(dependencies.events).toEqual([{ is: 'token', outcome: 'failed', reason: 'answered 503' }]);
  clock.advance(1_000);
  expect(await token()).toBe('t1');
  requests[2]?.grant();
  await settled();
  expect(await token()).toBe('t3');
  expect(dependencies.events.at(-1)).toMatchObject({ is: 'token', outcome: 'recovered' });
});

test('after failures calls fail without a request, for one second to one minute', async () => {
  const { requests, token, clock } = rig();
  const waits: number[] = [];
  let call = failureOf(token());
  for (let failures = 1; failures <= 8; failures += 1) {
    requests.at(-1)?.fail(new TokenRequestError('answered 500'));
    expect(await call).toBeInstanceOf(NoTokenError);
    let ms = 0;
    for (; requests.length === failures; ms += 1_000) {
      expect(await failureOf(token())).toBeInstanceOf(NoTokenError);
      clock.advance(1_000);
      call = failureOf(token());
      if (requests.length === failures) await call;
    }
    waits.push(ms);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('Retry-After of the server delays the next request', async () => {
  const { requests, token, clock } = rig();
  const first = failureOf(token());
  requests[0]?.fail(new TokenRequestError('answered 429', { retryAfterMs: 30_000 }));
  await first;
  clock.advance(29_999);
  await failureOf(token());
  expect(requests).toHaveLength(1);
  clock.advance(1);
  void failureOf(token());
  expect(requests).toHaveLength(2);
});

test('a hanging request ends after five seconds, for all callers', async () => {
  const { requests, token, clock, dependencies } = rig();
  const waiting = Promise.all([failureOf(token()), failureOf(token())]);
  await settled();
  clock.advance(5_000);
  for (const error of await waiting) expect(error).toBeInstanceOf(NoTokenError);
  expect(requests).toHaveLength(1);
  expect(dependencies.events).toEqual([{ is: 'token', outcome: 'failed', reason: 'no answer within 5000 ms' }]);
  expect(clock.pending).toBe(0);
});

test('a caller that leaves ends its own wait only', async () => {
  const { requests, token } = rig();
  const caller = new AbortController();
  const left = failureOf(token(caller.signal));
  const stays = token();
  const gone = new Error('gone');
  caller.abort(gone);
  expect(await left).toBe(gone);
  requests[0]?.grant();
  expect(await stays).toBe('t1');
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('a refused token is renewed once for all calls that had it', async () => {
  const { requests, tokens, token, begin } = rig();
  await begin();
  const renewals = Promise.all([tokens.renew('t1', SIGNAL), tokens.renew('t1', SIGNAL)]);
  expect(requests).toHaveLength(2);
  requests[1]?.grant();
  expect(await renewals).toEqual([true, true]);
  expect(await tokens.renew('t1', SIGNAL)).toBe(true);
  expect(await token()).toBe('t2');
  expect(requests).toHaveLength(2);
});

test('calls during the renewal of a refused token wait for it, and use the old one after its failure', async () => {
  const { requests, token, tokens, begin, clock } = rig();
  await begin();
  const renewed = tokens.renew('t1', SIGNAL);
  const waiting = token();
  requests[1]?.grant();
  expect([await renewed, await waiting]).toEqual([true, 't2']);
  clock.advance(10_000);
  const failed = tokens.renew('t2', SIGNAL);
  const during = token();
  requests[2]?.fail(new TokenRequestError('answered 503'));
  expect([await failed, await during, await token()]).toEqual([false, 't2', 't2']);
});

test('a backend that refuses every token causes a renewal every ten seconds at most', async () => {
  const { requests, tokens, begin, clock } = rig();
  await begin();
  const renewed = tokens.renew('t1', SIGNAL);
  requests[1]?.grant();
  expect(await renewed).toBe(true);
  expect(await tokens.renew('t2', SIGNAL)).toBe(false);
  clock.advance(9_999);
  expect(await tokens.renew('t2', SIGNAL)).toBe(false);
  expect(requests).toHaveLength(2);
  clock.advance(1);
  const again = tokens.renew('t2', SIGNAL);
  expect(requests).toHaveLength(3);
  // The server has the same token in a cache of its own.
  requests[2]?.grant('t2');
  expect(await again).toBe(false);
});

test('closing ends the request in flight without a report, and no other is sent', async () => {
  const { requests, tokens, token, dependencies } = rig();
  const waiting = failureOf(token());
  tokens.close();
  expect(await waiting).toBeInstanceOf(NoTokenError);
  expect(requests[0]?.signal.aborted).toBe(true);
  expect(await failureOf(token())).toBeInstanceOf(NoTokenError);
  expect(requests).toHaveLength(1);
  expect(dependencies.events).toEqual([]);
});
