import { expect, test } from 'vitest';
import { SESSION_USER } from '../../../test/support/auth/session-user.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { constantText } from '../../config/secrets/secret-store.ts';
import type { TokensOutcome } from './provider/openid-provider.ts';
import { renewal } from './renewal.ts';
import { sessionAuthenticator } from './session-authenticator.ts';
import { SESSION_COOKIE } from './session-cookies.ts';
import { newId, sealSession, sessionKey, startedSession } from './session-record.ts';
import { sessionSeal } from './session-seal.ts';
import { memorySessions } from './store/memory-sessions.ts';
import type { SessionStore } from './store/session-store.ts';

const IDLE_MS = 1_800_000;
const seal = sessionSeal(constantText(Buffer.alloc(32, 7).toString('base64')), 'session');

/**
 * A session with a token of 300 seconds, at a provider that answers a renewal when the test does. The next reads of the
 * store are answered after the promises in `reads`.
 */
const begun = async (refreshToken: string | null = 'r0') => {
  const clock = manualClock();
  const { wallTime } = clock;
  const memory = memorySessions(clock);
  const reads: Promise<void>[] = [];
  const store: SessionStore = {
    ...memory,
    touch: async (...values) => {
      const text = await memory.touch(...values);
      await reads.shift();
      return text;
    },
  };
  const answers: ((outcome: TokensOutcome) => void)[] = [];
  const provider = {
    refresh: () => new Promise<TokensOutcome>((resolve) => answers.push(resolve)),
    revoke: async () => {},
  };
  const authenticator = sessionAuthenticator({
    renewal: renewal({ store, seal, provider, clock, wallTime, idleMs: IDLE_MS, report: () => {} }),
    ...{ clock, wallTime, origin: 'https://shop.example' },
  });
  const id = newId();
  const key = sessionKey(id);
  const tokens = { ...SESSION_USER, accessToken: 'old', refreshToken, lifetimeS: 300 };
  await store.add(key, sealSession(seal, key, startedSession(tokens, wallTime(), IDLE_MS)) ?? '', IDLE_MS);
  const cookie = [`${SESSION_COOKIE}=${id}`];
  const caller = {
    valuesOf: (name: string) => (name === 'cookie' ? cookie : undefined),
    certificate: undefined,
    ...{ method: 'POST', target: '/graphql', scheme: 'https' as const, host: null, network: () => '192.0.2.1' },
  };
  const verified = async () => authenticator.credentialOf(caller)?.verify(new AbortController().signal);
  return { clock, answers, verified, reads, store, key, forget: authenticator.forget };
};

const settle = () => new Promise(setImmediate);
const RENEWED: TokensOutcome = {
  is: 'granted',
  tokens: { ...SESSION_USER, accessToken: 'new', refreshToken: 'r1', lifetimeS: 300 },
};

test('a slow provider delays no request with a valid access token, and receives one request', async () => {
  const { clock, answers, verified } = await begun();
  clock.advance(271_000);
  for (let seconds = 0; seconds < 10; seconds += 1) {
    expect(await verified()).toMatchObject({ is: 'authenticated', accessToken: 'old' });
    await settle();
    clock.advance(1_000);
  }
  expect(answers.length).toBe(1);
  answers[0]?.(RENEWED);
  await settle();
  expect(await verified()).toMatchObject({ is: 'authenticated', accessToken: 'new' });
});

test('a session that the provider refuses while its token is valid ends for the next request', async () => {
  const { clock, answers, verified } = await begun();
  clock.advance(271_000);
  expect(await verified()).toMatchObject({ is: 'authenticated' });
  await settle();
  answers[0]?.({ is: 'refused', error: 'invalid_grant', reason: 'used before' });
  await settle();
  expect(await verified()).toMatchObject({ is: 'invalid' });
});

test('a request after the end of the access token waits for the renewal', async () => {
  const { clock, answers, verified } = await begun();
  clock.advance(300_000);
  const waiting = verified();
  await settle();
  expect(answers.length).toBe(1);
  answers[0]?.(RENEWED);
  expect(await waiting).toMatchObject({ is: 'authenticated', accessToken: 'new' });
});

test('a session without a refresh token ends with its access token, without a request to the provider', async () => {
  const { clock, answers, verified } = await begun(null);
  clock.advance(299_500);
  expect(await verified()).toMatchObject({ is: 'authenticated', accessToken: 'old' });
  // Read again half a second ago: its end does not wait for the next read.
  clock.advance(500);
  expect(await verified()).toMatchObject({ is: 'invalid', message: 'The session has ended. Sign in again.' });
  expect(answers.length).toBe(0);
});

test('a request after a logout does not use a read of the session that began before it', async () => {
  const { verified, reads, store, key, forget } = await begun();
  const { promise, resolve } = Promise.withResolvers<void>();
  reads.push(promise);
  const before = verified();
  await settle();
  await store.take(key);
  forget(key);
  const after = verified();
  await settle();
  resolve();
  expect(await before).toMatchObject({ is: 'authenticated' });
  expect(await after).toMatchObject({ is: 'invalid' });
  expect(await verified()).toMatchObject({ is: 'invalid' });
});
