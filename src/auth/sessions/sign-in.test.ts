import { expect, test } from 'vitest';
import { SESSION_USER } from '../../../test/support/auth/session-user.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { constantText } from '../../config/secrets/secret-store.ts';
import { openSession, sessionKey, sidList } from './session-record.ts';
import { sessionSeal } from './session-seal.ts';
import { signIn } from './sign-in.ts';
import { memorySessions } from './store/memory-sessions.ts';
import type { SessionStore } from './store/session-store.ts';

const KEYS = constantText(Buffer.alloc(32, 7).toString('base64'));
const IDLE_MS = 1_800_000;
// Long enough to be in no encrypted text by accident.
const [subject, accessToken, refreshToken] = ['the-subject-of-c1', 'the-access-token', 'the-refresh-token'];
const TOKENS = { ...SESSION_USER, subject, accessToken, refreshToken, lifetimeS: 300 };

/** Signs users in at a provider that grants everything. */
const opened = (store: SessionStore, clock = manualClock()) => {
  const ended: string[] = [];
  const seal = sessionSeal(KEYS, 'session');
  let signIns = 0;
  const { begin, complete } = signIn({
    ...{ store, seal, loginSeal: sessionSeal(KEYS, 'login'), wallTime: clock.wallTime },
    provider: {
      signInUrl: async ({ state }) => `https://id.example/?state=${state}`,
      exchange: async () => ({ is: 'granted', tokens: { ...TOKENS, sid: `sid-${signIns++}` } }),
    },
    ...{ idleMs: IDLE_MS, absoluteMs: 10 * IDLE_MS, report: () => {} },
    end: async (key) => {
      ended.push(key);
      const sealed = await store.take(key);
      return sealed === null ? null : openSession(seal, key, sealed);
    },
  });
  const signedIn = async (): Promise<string> => {
    const begun = await begin('https://shop.example/', null);
    if (begun === null) throw new Error('No URL.');
    const result = await complete(new URL(begun.url).search, `${begun.cookie.name}=${begun.cookie.value}`);
    if (result.is !== 'signed-in') throw new Error(result.is);
    return result.id;
  };
  return { signedIn, ended };
};

test('a user has 100 sessions at most: the next one ends the oldest one, and no other', async () => {
  const { signedIn, ended } = opened(memorySessions(manualClock()));
  const ids: string[] = [];
  for (let count = 0; count < 100; count += 1) ids.push(await signedIn());
  expect(ended).toEqual([]);
  await signedIn();
  expect(new Set(ended)).toEqual(new Set([sessionKey(ids[0] ?? '')]));
});

test('a session that ends because its user has too many leaves the list of its sid: one user fills no store in memory', async () => {
  const store = memorySessions(manualClock());
  const { signedIn } = opened(store);
  for (let count = 0; count < 103; count += 1) await signedIn();
  const lists = await Promise.all(
    Array.from({ length: 103 }, (_, n) => store.members(sidList(TOKENS.issuer, `sid-${n}`))),
  );
  expect(lists.map(({ length }) => length)).toEqual([0, 0, 0, ...Array<number>(100).fill(1)]);
});

test('the store receives no value of a cookie, no token and no name of a user', async () => {
  const received: string[] = [];
  const store = new Proxy(memorySessions(manualClock()), {
    get: (target, name: keyof SessionStore) => (target[name] === undefined ? undefined : noted(target[name])),
  });
  const noted =
    (method: (...values: never[]) => unknown) =>
    (...values: never[]): unknown => {
      received.push(...values.map(String));
      return method(...values);
    };
  const id = await opened(store).signedIn();
  expect(received.length).toBeGreaterThan(3);
  const clear = [id, subject, accessToken, refreshToken, TOKENS.issuer];
  expect(received.filter((text) => clear.some((one) => text.includes(one)))).toEqual([]);
});
