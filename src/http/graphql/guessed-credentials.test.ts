import { expect, test } from 'vitest';
import { introspectionRig } from '../../../test/support/auth/introspection-rig.ts';
import { AUDIENCE } from '../../../test/support/auth/issuer.ts';
import { query, sessionRig, signInAs } from '../../../test/support/auth/session-rig.ts';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { memorySessions } from '../../auth/sessions/store/memory-sessions.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { clientLimit } from '../limits/exchange-limits.ts';

const SECONDS = 60;

const limitOf = (limit: number, clock: Clock) => clientLimit({ limit, seconds: SECONDS }, clock);

const asker = (origin: string) => async (headers: Record<string, string>) =>
  fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ principal }' }),
  });

const USER = { sub: 'c1', aud: AUDIENCE };

test.each([[true], [false]])(
  'guessed tokens of one network are introspected as often as its quota has requests; direct edge: %s',
  async (directEdge) => {
    const { authenticator, server, clock } = await introspectionRig();
    await using edge = await publicRig({}, { clock, authenticator, limits: limitOf(5, clock), directEdge });
    const send = asker(edge.origin);
    const statusOf = async (token: string) => (await send({ authorization: `Bearer ${token}` })).status;
    server.active.set('known', USER);
    server.active.set('fresh', { ...USER, sub: 'c2' });
    expect(await statusOf('known')).toBe(200);

    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) statuses.push(await statusOf(`guess-${n}`));
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(15).fill(429)]);
    expect(server.requests).toHaveLength(1 + 5);

    // A valid token that is not known has the answer of a guess.
    const refused = await send({ authorization: 'Bearer fresh' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(SECONDS)]);
    expect(refused.headers.get('ratelimit')).toBe(`"client";r=0;t=${SECONDS}`);
    expect(server.requests).toHaveLength(1 + 5);

    // A known one is introspected again when its result is old.
    clock.advance(31_000);
    expect(await statusOf('known')).toBe(200);
    expect(server.requests).toHaveLength(1 + 6);

    clock.advance(SECONDS * 1_000);
    expect(await statusOf('fresh')).toBe(200);
  },
);

test('guessed tokens of one network do not stop those of another', async () => {
  const { authenticator, server, clock } = await introspectionRig();
  await using edge = await publicRig(
    { trustedProxies: ['127.0.0.1'] },
    { clock, authenticator, limits: limitOf(2, clock) },
  );
  const send = asker(edge.origin);
  server.active.set('fresh', USER);
  const statusFrom = async (address: string, token: string) =>
    (await send({ authorization: `Bearer ${token}`, 'x-forwarded-for': address })).status;
  for (let n = 0; n < 4; n += 1) await statusFrom('198.51.100.1', `guess-${n}`);
  expect(await statusFrom('198.51.100.1', 'fresh')).toBe(429);
  expect(await statusFrom('198.51.100.2', 'fresh')).toBe(200);
});

test('a token that the provider answers with 400 counts as a guess, and an outage of the provider does not', async () => {
  const { authenticator, server, clock } = await introspectionRig();
  await using edge = await publicRig({}, { clock, authenticator, limits: limitOf(3, clock) });
  const send = asker(edge.origin);
  const statusOf = async (token: string) => (await send({ authorization: `Bearer ${token}` })).status;
  server.answer = (response) => response.writeHead(503).end();
  for (let n = 0; n < 3; n += 1) await statusOf(`outage-${n}`);
  server.answer = (response) => response.writeHead(400).end();
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push(await statusOf(`guess-${n}`));
  expect(statuses).toEqual(Array(6).fill(429));
  expect(server.requests).toHaveLength(3 + 3);
});

test('a token that has become invalid is not known any more', async () => {
  const { authenticator, server, clock } = await introspectionRig();
  await using edge = await publicRig({}, { clock, authenticator, limits: limitOf(3, clock) });
  const send = asker(edge.origin);
  const statusOf = async (token: string) => (await send({ authorization: `Bearer ${token}` })).status;
  server.active.set('revoked', USER);
  expect(await statusOf('revoked')).toBe(200);
  server.active.delete('revoked');
  clock.advance(31_000);
  const statuses: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    statuses.push(await statusOf('revoked'));
    clock.advance(5_000);
  }
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  expect(server.requests).toHaveLength(4);
});

test('guessed session cookies are read from the store as often as the quota has requests', async () => {
  const inMemory = memorySessions(systemClock);
  let reads = 0;
  const store: typeof inMemory = {
    ...inMemory,
    touch: (key, ttlMs) => {
      reads += 1;
      return inMemory.touch(key, ttlMs);
    },
  };
  await using rig = await sessionRig({ stores: [store], limits: limitOf(20, systemClock) });
  const browser = await signInAs(rig);
  expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
  const own = { origin: rig.origin, 'sec-fetch-site': 'same-origin' };
  const ask = async (id: string) =>
    (await asker(rig.origin)({ ...own, cookie: `__Host-tributary-session=${id}` })).status;
  const before = reads;
  const statuses: number[] = [];
  for (let n = 0; n < 40; n += 1) statuses.push(await ask(Buffer.alloc(32, n + 1).toString('base64url')));
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(reads - before).toBe(20);
  // The user of the same network is signed in still.
  expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
});
