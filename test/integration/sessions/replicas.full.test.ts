import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SESSION_COOKIE } from '../../../src/auth/sessions/session-cookies.ts';
import { redisSessions } from '../../../src/auth/sessions/store/redis-sessions.ts';
import { connectRedis, type RedisConnection } from '../../../src/cache/redis.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { type CookieClient, cookieClient } from '../../support/auth/cookie-client.ts';
import { query, type SessionRig, sessionRig, signInAs } from '../../support/auth/session-rig.ts';
import { noOwnRedis, type RunningRedis, startRedis } from '../../support/backends/redis.ts';
import { redisConnection } from '../../support/backends/redis-connection.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

describe.skipIf(noOwnRedis !== null)(`two gateways with one Redis${noOwnRedis ? ` (${noOwnRedis})` : ''}`, () => {
  let redis: RunningRedis;
  let connections: readonly RedisConnection[];
  let rig: SessionRig;
  beforeEach(async () => {
    redis = await startRedis();
    connections = [await redisConnection(redis.url), await redisConnection(redis.url)];
    rig = await sessionRig({ gateways: 2, stores: connections.map((one) => redisSessions(one)) });
  });
  afterEach(async () => {
    await rig[Symbol.asyncDispose]();
    for (const connection of connections) await connection.close();
    await redis.close();
  });

  const cookieOf = ({ cookies }: CookieClient) => `${SESSION_COOKIE}=${cookies.get(`localhost ${SESSION_COOKIE}`)}`;
  const origins = () => [rig.origin, rig.gateways[1]?.edge.origin ?? ''];

  test('1,000 requests at the end of a token use the refresh token once, and sign nobody out', async () => {
    const browser = await signInAs(rig);
    for (const at of origins()) expect((await query(browser, rig.origin, '{ principal }', at)).status).toBe(200);
    const before = await rig.callsOf('POST /token');
    rig.advance(400_000);
    const cookie = cookieOf(browser);
    // Both gateways are localhost to a browser; the client keeps cookies by host.
    const send = async (at: string) => {
      const answer = await cookieClient().post(
        at,
        '/graphql',
        { query: '{ principal }' },
        { origin: rig.origin, cookie },
      );
      return { status: answer.status, text: await answer.text() };
    };
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => send(origins()[n % 2] ?? '')));
    expect(answers.filter(({ status, text }) => status !== 200 || !text.includes('c1'))).toEqual([]);
    expect((await rig.callsOf('POST /token')) - before).toBe(1);
    expect(rig.events.filter(({ is }) => is === 'refreshed').length).toBe(1);
    expect(rig.events.filter(({ is }) => is === 'session-ended' || is === 'signed-out')).toEqual([]);
  }, 120_000);

  test('a sign-out at one gateway is seen by the other one within a second of its clock', async () => {
    const browser = await signInAs(rig);
    const [own = '', other = ''] = origins();
    const cookie = cookieOf(browser);
    const send = () =>
      cookieClient().post(
        other,
        '/graphql',
        { query: '{ principal }' },
        {
          origin: rig.origin,
          cookie,
        },
      );
    expect((await send()).status).toBe(200);
    expect((await browser.post(own, '/auth/logout')).status).toBe(200);
    rig.advance(1_000);
    expect((await send()).status).toBe(401);
  });

  test('without Redis, sessions answer 503, and anonymous requests are answered', async () => {
    const browser = await signInAs(rig);
    expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
    await redis.kill();
    await vi.waitUntil(() => connections[0]?.state === 'degraded', LONG_WAIT);
    rig.advance(1_000);
    const lost = await query(browser, rig.origin, '{ principal }');
    expect([lost.status, lost.errors[0]?.extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    // A sign-in begins without Redis. Its end needs it.
    const begun = await browser.request(`${rig.origin}/auth/login`);
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    expect((await browser.request(`${rig.origin}/auth/callback?state=${state}&code=y`)).status).toBe(503);
    expect((await browser.post(rig.origin, '/auth/logout')).status).toBe(503);
    expect((await query(cookieClient(), rig.origin, '{ principal }')).data).toEqual({
      principal: '{"kind":"anonymous"}',
    });
  }, 60_000);

  test('a Redis that hangs refuses sessions within the timeout of one call', async () => {
    const own = await connectRedis(redis.url, systemClock, { warn: () => {} }, { limitMs: 1_000 });
    await using hung = await sessionRig({ stores: [redisSessions(own)] });
    const browser = await signInAs(hung);
    redis.pause();
    hung.advance(1_000);
    expect((await query(browser, hung.origin, '{ principal }')).status).toBe(503);
    redis.resume();
    await own.close();
  }, 60_000);
});
