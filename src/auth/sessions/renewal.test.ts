import { expect, test } from 'vitest';
import { failingAt } from '../../../test/support/auth/failing-store.ts';
import { SESSION_USER } from '../../../test/support/auth/session-user.ts';
import { type ManualClock, manualClock } from '../../../test/support/clock/manual-clock.ts';
import { constantText } from '../../config/secrets/secret-store.ts';
import type { TokensOutcome } from './provider/openid-provider.ts';
import type { KeptTokens } from './provider/tokens.ts';
import { renewal } from './renewal.ts';
import type { SessionEvent } from './session-events.ts';
import { listsOf, newId, sealSession, sessionKey, sidList, startedSession, withoutSidList } from './session-record.ts';
import { sessionSeal } from './session-seal.ts';
import { memorySessions } from './store/memory-sessions.ts';
import type { SessionStore } from './store/session-store.ts';

const IDLE_MS = 1_800_000;
const LIFETIME_S = 300;
const seal = sessionSeal(constantText(Buffer.alloc(32, 7).toString('base64')), 'session');

/** A provider that accepts each refresh token once, as RFC 9700, 4.14.2 requires. */
const rotating = (accessToken: () => string = () => 'a', sid: string | null = null) => {
  let number = 0;
  const revoked: string[] = [];
  const refresh = async ({ refreshToken }: KeptTokens): Promise<TokensOutcome> => {
    if (refreshToken !== `r${number}`) return { is: 'refused', error: 'invalid_grant', reason: 'used before' };
    number += 1;
    const tokens = {
      ...SESSION_USER,
      sid,
      accessToken: accessToken(),
      refreshToken: `r${number}`,
      lifetimeS: LIFETIME_S,
    };
    return { is: 'granted', tokens };
  };
  const revoke = async (token: string) => void revoked.push(token);
  return { refresh, revoke, revoked, renewals: () => number };
};

type Provider = ReturnType<typeof rotating>;

const replica = (store: SessionStore, provider: Provider, clock: ManualClock, events: SessionEvent[] = []) =>
  renewal({
    ...{ store, seal, provider, clock, idleMs: IDLE_MS, wallTime: clock.wallTime },
    report: (event) => events.push(event),
  });

const begun = async (store: SessionStore, clock: ManualClock, absoluteMs = 10 * IDLE_MS): Promise<string> => {
  const key = sessionKey(newId());
  const tokens = { ...SESSION_USER, accessToken: 'a', refreshToken: 'r0', lifetimeS: LIFETIME_S };
  const session = startedSession(tokens, clock.wallTime(), absoluteMs);
  await store.add(key, sealSession(seal, key, session) ?? '', IDLE_MS);
  for (const list of listsOf(session)) await store.link(list, key, absoluteMs, 100);
  return key;
};

/** Settles a call that waits for the clock, in steps of 50 ms. An error is its result. */
const settled = async <T>(clock: ManualClock, call: Promise<T>): Promise<T | Error> => {
  let isDone = false;
  const result = call.catch((error: Error) => error).finally(() => (isDone = true));
  while (!isDone) {
    await new Promise(setImmediate);
    if (!isDone) clock.advance(50);
  }
  return result;
};

test.each(['before', 'after'] as const)(
  'a renewal that the store interrupts, %s a call, does not use its refresh token twice',
  async (when) => {
    for (let at = 1; ; at += 1) {
      const clock = manualClock();
      const store = memorySessions(clock);
      const key = await begun(store, clock);
      const provider = rotating();
      const failing = failingAt(store, at, when);
      const [first, second] = [replica(failing.store, provider, clock), replica(store, provider, clock)];
      clock.advance(1_000 * LIFETIME_S);
      await settled(clock, first.current(key));
      if (failing.calls() < at) break;
      // Both retry, as pages do: the second one waits for the lock of the first, and then for its end.
      for (let tries = 0; tries < 4; tries += 1)
        for (const one of [second, first]) await settled(clock, one.current(key));
      const found = await settled(clock, second.current(key));
      expect([at, found]).toEqual([
        at,
        { sealed: expect.any(String), session: expect.objectContaining({ refreshToken: 'r1' }) },
      ]);
      expect([at, provider.renewals(), provider.revoked]).toEqual([at, 1, []]);
    }
  },
);

test('renewed tokens that cannot be stored are used by the next request in place of the old ones', async () => {
  const clock = manualClock();
  const memory = memorySessions(clock);
  let isLost = false;
  const store: SessionStore = {
    ...memory,
    replace: async (...values) => {
      if (isLost) throw new Error('lost');
      return memory.replace(...values);
    },
  };
  const key = await begun(store, clock);
  const provider = rotating();
  const one = replica(store, provider, clock);
  clock.advance(1_000 * LIFETIME_S);
  isLost = true;
  expect(await settled(clock, one.current(key))).toBeInstanceOf(Error);
  // Longer than the lock lives.
  for (let seconds = 0; seconds < 20; seconds += 1) clock.advance(1_000);
  expect(await settled(clock, one.current(key))).toBeInstanceOf(Error);
  isLost = false;
  expect(await settled(clock, one.current(key))).toMatchObject({ session: { refreshToken: 'r1' } });
  expect(provider.renewals()).toBe(1);
});

test('a session with renewed tokens that are too long to store ends, and is not renewed with the used token', async () => {
  const clock = manualClock();
  const store = memorySessions(clock);
  const key = await begun(store, clock);
  const events: SessionEvent[] = [];
  const one = replica(
    store,
    rotating(() => 'a'.repeat(65_536)),
    clock,
    events,
  );
  clock.advance(1_000 * LIFETIME_S);
  expect(await settled(clock, one.current(key))).toBe(null);
  expect(events).toEqual([
    expect.objectContaining({ is: 'session-ended', reason: 'the tokens have more than 65536 characters' }),
  ]);
  expect(await store.touch(key, IDLE_MS)).toBe(null);
});

test('a session at its absolute end is removed, and not renewed', async () => {
  const clock = manualClock();
  // The clock of the store is behind.
  const store = memorySessions(manualClock());
  const key = await begun(store, clock, 1_000 * LIFETIME_S);
  const provider = rotating();
  clock.advance(1_000 * LIFETIME_S - 1);
  expect(await replica(store, provider, clock).read(key)).not.toBe(null);
  clock.advance(1);
  for (const name of ['read', 'current'] as const)
    expect(await settled(clock, replica(store, provider, clock)[name](key))).toBe(null);
  expect([provider.renewals(), provider.revoked, await store.touch(key, IDLE_MS)]).toEqual([0, ['r0'], null]);
});

test('renewed tokens stay in the store until the absolute end of the session at most', async () => {
  const clock = manualClock();
  const store = memorySessions(clock);
  const key = await begun(store, clock, 1_000 * LIFETIME_S + 100_000);
  clock.advance(1_000 * LIFETIME_S);
  expect(await settled(clock, replica(store, rotating(), clock).current(key))).not.toBe(null);
  clock.advance(100_000);
  expect(await store.touch(key, IDLE_MS)).toBe(null);
});

test('a session that is used stays in the store until its absolute end at most', async () => {
  const clock = manualClock();
  const store = memorySessions(clock);
  const key = await begun(store, clock, 100_000);
  clock.advance(99_999);
  expect(await replica(store, rotating(), clock).read(key)).not.toBe(null);
  clock.advance(1);
  expect(await store.touch(key, IDLE_MS)).toBe(null);
});

test.each(['before', 'after'] as const)(
  'a sid that the provider gives at a renewal is found by its logout, although the store failed: %s a call',
  async (when) => {
    const { issuer, subject } = SESSION_USER;
    for (let at = 1; ; at += 1) {
      const clock = manualClock();
      const store = memorySessions(clock);
      const key = await begun(store, clock);
      const failing = failingAt(store, at, when);
      const one = replica(failing.store, rotating(undefined, 's1'), clock);
      clock.advance(1_000 * LIFETIME_S);
      await settled(clock, one.current(key));
      for (let tries = 0; tries < 4; tries += 1) {
        await settled(clock, one.current(key));
        clock.advance(500);
      }
      expect([at, await replica(store, rotating(), clock).read(key)]).toMatchObject([at, { session: { sid: 's1' } }]);
      // In one list only: a logout of another session of this user does not end it.
      const found = [await store.members(sidList(issuer, 's1')), await store.members(withoutSidList(issuer, subject))];
      expect([at, found]).toEqual([at, [[key], []]]);
      if (failing.calls() < at) break;
    }
  },
);

test('a provider that does not answer receives one request a second, for all sessions', async () => {
  const clock = manualClock();
  const store = memorySessions(clock);
  const keys = [await begun(store, clock), await begun(store, clock)];
  let requests = 0;
  const refresh = async (): Promise<TokensOutcome> => {
    requests += 1;
    return { is: 'unavailable', reason: 'status 503' };
  };
  const one = replica(store, { ...rotating(), refresh }, clock);
  clock.advance(1_000 * LIFETIME_S);
  for (const expected of [1, 2]) {
    for (const key of [...keys, ...keys]) expect(await settled(clock, one.current(key))).toBeInstanceOf(Error);
    expect(requests).toBe(expected);
    clock.advance(1_000);
  }
});

test('a renewal of a session that ends in the meantime revokes its new refresh token, and revives nothing', async () => {
  const clock = manualClock();
  const store = memorySessions(clock);
  const key = await begun(store, clock);
  const provider = rotating();
  const refresh: Provider['refresh'] = async (kept) => {
    await store.take(key);
    return provider.refresh(kept);
  };
  clock.advance(1_000 * LIFETIME_S);
  expect(await settled(clock, replica(store, { ...provider, refresh }, clock).current(key))).toBe(null);
  expect([provider.revoked, await store.touch(key, IDLE_MS)]).toEqual([['r1'], null]);
});
