import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { failingAt } from '../../../test/support/auth/failing-store.ts';
import { constantText } from '../../config/secrets/secret-store.ts';
import { systemClock } from '../../core/clock.ts';
import { listsOf, newId, sealSession, sessionKey, startedSession } from './session-record.ts';
import { sessionSeal } from './session-seal.ts';
import { signOut } from './sign-out.ts';
import { memorySessions } from './store/memory-sessions.ts';
import { type SessionStore, SessionsUnavailableError } from './store/session-store.ts';

const ISSUER = 'https://id.example';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const DAY_MS = 86_400_000;
const seal = sessionSeal(constantText(Buffer.alloc(32, 7).toString('base64')), 'session');

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let key: KeyPair;
let jwks: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  key = await generateKeyPair('ES256');
  jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(key.publicKey)), alg: 'ES256' }] });
});

const logoutToken = (of: { readonly sub?: string; readonly sid?: string }): Promise<string> =>
  new SignJWT({ ...of, jti: newId(), events: { [EVENT]: {} } })
    .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt' })
    .setIssuer(ISSUER)
    .setAudience('shop')
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(key.privateKey);

const opened = (store: SessionStore) => {
  const forgotten: string[] = [];
  const { byProvider, byUser } = signOut({
    ...{ store, seal },
    provider: { signOutUrl: async () => null, revoke: async () => {} },
    keys: { keys: async () => jwks, newerThan: async () => null },
    client: { issuer: ISSUER, clientId: 'shop' },
    forget: (one) => forgotten.push(one),
    report: () => {},
  });
  return { byProvider, byUser, forgotten };
};

/** Stores a session as a sign-in does. Returns its key. */
const begun = async (store: SessionStore, sid: string | null): Promise<string> => {
  const one = sessionKey(newId());
  const user = { issuer: ISSUER, subject: 'c1', sid, claims: {}, scopes: [], roles: [] };
  const tokens = { idToken: 'i', accessToken: 'a', refreshToken: 'r', lifetimeS: 300 };
  const session = startedSession({ ...user, ...tokens }, Date.now(), DAY_MS);
  await store.add(one, sealSession(seal, one, session) ?? '', DAY_MS);
  for (const list of listsOf(session)) await store.link(list, one, DAY_MS, 100);
  return one;
};

const living = async (store: SessionStore, keys: readonly string[]): Promise<number> =>
  (await Promise.all(keys.map((one) => store.touch(one, DAY_MS)))).filter((text) => text !== null).length;

test.each(['before', 'after'] as const)(
  'a logout of the provider is completed by its retry, wherever the store failed: %s its call',
  async (when) => {
    for (const again of ['the same token', 'another token']) {
      for (let at = 1; ; at += 1) {
        const store = memorySessions(systemClock);
        const keys = [await begun(store, 's1'), await begun(store, 's2'), await begun(store, null)];
        const failing = failingAt(store, at, when);
        const { byProvider } = opened(failing.store);
        const token = await logoutToken({ sub: 'c1' });
        const first = await byProvider(token).catch((error: unknown) => error);
        if (failing.calls() < at) {
          expect([first, await living(store, keys)]).toEqual([null, 0]);
          break;
        }
        expect([at, first]).toEqual([at, expect.any(SessionsUnavailableError)]);
        const second = await byProvider(again === 'the same token' ? token : await logoutToken({ sub: 'c1' }));
        // The answer to the last call alone was lost: all has been done.
        const isUsed = again === 'the same token' && second === 'the token was used before';
        expect([at, again, isUsed ? null : second, await living(store, keys)]).toEqual([at, again, null, 0]);
      }
    }
  },
);

test('a logout token is accepted once', async () => {
  const store = memorySessions(systemClock);
  const { byProvider } = opened(store);
  const token = await logoutToken({ sub: 'c1' });
  expect(await byProvider(token)).toBe(null);
  const later = await begun(store, null);
  expect([await byProvider(token), await living(store, [later])]).toEqual(['the token was used before', 1]);
});

test.each([
  [{ sub: 'c1', sid: 's1' }, [false, true, false]],
  [{ sub: 'c1', sid: 'unknown' }, [true, true, false]],
  [{ sub: 'c2', sid: 'unknown' }, [true, true, true]],
  [{ sid: 's2' }, [true, false, true]],
  [{ sub: 'c1' }, [false, false, false]],
])('a logout token with %j ends its session, and those of the user without a sid', async (of, lives) => {
  const store = memorySessions(systemClock);
  const keys = [await begun(store, 's1'), await begun(store, 's2'), await begun(store, null)];
  expect(await opened(store).byProvider(await logoutToken(of))).toBe(null);
  expect(await Promise.all(keys.map(async (one) => (await living(store, [one])) === 1))).toEqual(lives);
});
