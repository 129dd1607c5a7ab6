/** `node bench/sessions.ts`: CPU of the check of a session, as a request needs it, in microseconds. */
import { renewal } from '../src/auth/sessions/renewal.ts';
import { sessionAuthenticator } from '../src/auth/sessions/session-authenticator.ts';
import { SESSION_COOKIE } from '../src/auth/sessions/session-cookies.ts';
import { newId, sealSession, sessionKey, startedSession } from '../src/auth/sessions/session-record.ts';
import { sessionSeal } from '../src/auth/sessions/session-seal.ts';
import { memorySessions } from '../src/auth/sessions/store/memory-sessions.ts';
import { constantText } from '../src/config/secrets/secret-store.ts';
import { systemClock } from '../src/core/clock.ts';
import type { CredentialCost } from './harness/credential-costs.ts';
import { reportCosts } from './report/credentials.ts';

const ROUNDS = 40;
const IDLE_MS = 1_800_000;
const TOKEN = 'x'.repeat(900);

let offset = 0;
const clock = { ...systemClock, now: () => systemClock.now() + offset };
const store = memorySessions(clock);
const seal = sessionSeal(constantText(Buffer.alloc(32, 1).toString('base64')), 'session');
const provider = { refresh: () => Promise.reject(new Error('not used')), revoke: async () => {} };
const authenticator = sessionAuthenticator({
  renewal: renewal({ store, seal, provider, clock, idleMs: IDLE_MS, report: () => {} }),
  clock,
  origin: 'https://shop.example',
});

const id = newId();
const session = startedSession(
  {
    ...{ issuer: 'https://id.example', subject: 'c1', sid: 's', scopes: ['orders:read'], roles: ['admin'] },
    ...{ claims: { name: 'A' }, idToken: TOKEN, accessToken: TOKEN, refreshToken: TOKEN, lifetimeS: 86_400 },
  },
  Date.now(),
  86_400_000,
);
await store.add(sessionKey(id), sealSession(seal, sessionKey(id), session) ?? '', IDLE_MS);

const cookie = [`theme=dark; ${SESSION_COOKIE}=${id}; consent=all`];
const caller = {
  valuesOf: (name: string) => (name === 'cookie' ? cookie : undefined),
  certificate: undefined,
  ...{ method: 'POST', target: '/graphql', scheme: 'https' as const, host: null },
  network: () => '192.0.2.1',
};
const { signal } = new AbortController();

const check = async (): Promise<void> => {
  const found = await authenticator.credentialOf(caller)?.verify(signal);
  if (found?.is !== 'authenticated') throw new Error('The session is not authenticated.');
};

const cpuUs = async (calls: number, before: () => void): Promise<number> => {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    before();
    await check();
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
};

const costOf = async (name: string, calls: number, before: () => void): Promise<CredentialCost> => {
  await cpuUs(calls, before);
  const cpuUsByRound: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) cpuUsByRound.push(await cpuUs(calls, before));
  return { name, cpuUsByRound };
};

reportCosts([
  await costOf('session, known', 20_000, () => {}),
  await costOf('session, read after a second', 2_000, () => {
    offset += 1_000;
  }),
]);
