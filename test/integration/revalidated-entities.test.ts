import { createClient } from '@redis/client';
import { eachRevalidated, rest } from 'tributary/backend';
import { signedIn } from 'tributary/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { memoryStore } from '../../src/cache/memory.ts';
import { redisStore } from '../../src/cache/redis.ts';
import type { CacheStore } from '../../src/cache/store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { gatewayOver } from '../support/gateway/entities.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const TTL_MS = 30_000;
const KEPT_MS = 1_000_000;

const users = (scope: 'private' | 'public' = 'private') =>
  define({
    name: 'users',
    typeDefs: typeDefs('type Query { user(id: ID!): User } type User { id: ID! name: String! }'),
    upstreams: { api: rest() },
    loaders: ({ api }) => ({
      userById: eachRevalidated(
        (id: string, headers) =>
          api.get.full('/users/{id}', {
            path: { id },
            headers,
            response: z.object({ id: z.string(), name: z.string() }),
          }),
        { concurrency: 2, cache: { ttlMs: TTL_MS, revalidateMs: KEPT_MS, scope } },
      ),
    }),
    resolvers: { Query: { user: (_root, { id }, { loaders }) => loaders.userById.load(id) } },
  });

const USER = 'query ($id: ID!) { user(id: $id) { name } }';

/** A gateway over a real server, whose users have these names and the ETag of their name. */
const usersGateway = async (store: CacheStore | null, names: Record<string, string>, scope?: 'private' | 'public') => {
  const requests: string[] = [];
  const server = await rawBackend((request, response) => {
    const id = request.url?.split('/').at(-1) ?? '';
    const name = names[id];
    const etag = `"${name}"`;
    const known = request.headers['if-none-match'];
    const status = name === undefined ? 404 : known === etag ? 304 : 200;
    requests.push([id, known, status].filter((part) => part !== undefined).join(' '));
    const headers = { 'content-type': 'application/json', ...(id.startsWith('plain') ? {} : { etag }) };
    response.writeHead(status, headers).end(status === 200 ? JSON.stringify({ id, name }) : undefined);
  });
  const upstream = connectUpstream(
    {
      name: 'users.api',
      protocol: 'rest',
      sources: [{ by: 'address', endpoint: endpointAt(server.url) }],
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );
  onTestFinished(async () => {
    await upstream.close();
    await server[Symbol.asyncDispose]();
  });
  const runQuery = gatewayOver([users(scope)], store, upstream.send);
  const nameOf = async (id: string, subject = 'ann') => {
    const { data, errors } = await runQuery(USER, { principal: signedIn({ subject }) }, { id });
    expect(errors).toBeUndefined();
    return Object(data).user?.name ?? null;
  };
  return { nameOf, requests };
};

test('a stale row is revalidated with its ETag; 304 prolongs it, and a change replaces it', async () => {
  const clock = manualClock();
  const names = { u1: 'Ann' };
  const { nameOf, requests } = await usersGateway(memoryStore(clock), names);
  expect([await nameOf('u1'), await nameOf('u1')]).toEqual(['Ann', 'Ann']);
  clock.advance(2 * TTL_MS);
  expect([await nameOf('u1'), await nameOf('u1')]).toEqual(['Ann', 'Ann']);
  expect(requests).toEqual(['u1 200', 'u1 "Ann" 304']);
  clock.advance(2 * TTL_MS);
  names.u1 = 'Anna';
  expect([await nameOf('u1'), await nameOf('u1')]).toEqual(['Anna', 'Anna']);
  expect(requests.slice(2)).toEqual(['u1 "Ann" 200']);
  clock.advance(2 * (TTL_MS + KEPT_MS));
  expect(await nameOf('u1')).toBe('Anna');
  expect(requests.slice(3)).toEqual(['u1 200']);
});

test('a row without an ETag, a missing row and a request without a store are read without if-none-match', async () => {
  const clock = manualClock();
  const { nameOf, requests } = await usersGateway(memoryStore(clock), { plain: 'P' });
  for (const id of ['plain', 'none', 'plain', 'none']) await nameOf(id);
  clock.advance(2 * TTL_MS);
  expect([await nameOf('plain'), await nameOf('none')]).toEqual(['P', null]);
  expect(requests).toEqual(['plain 200', 'none 404', 'plain 200', 'none 404']);
  const unstored = await usersGateway(null, { u1: 'Ann' });
  expect([await unstored.nameOf('u1'), await unstored.nameOf('u1')]).toEqual(['Ann', 'Ann']);
  expect(unstored.requests).toEqual(['u1 200', 'u1 200']);
});

test.each([
  ['private', ['u1 200', 'u1 200', 'u1 "Ann" 304', 'u1 "Ann" 304']],
  ['public', ['u1 200', 'u1 "Ann" 304']],
] as const)('a kept row of a %s cache has the callers of its cache', async (scope, expected) => {
  const clock = manualClock();
  const { nameOf, requests } = await usersGateway(memoryStore(clock), { u1: 'Ann' }, scope);
  for (const subject of ['ann', 'ben']) await nameOf('u1', subject);
  clock.advance(2 * TTL_MS);
  for (const subject of ['ann', 'ben']) expect(await nameOf('u1', subject)).toBe('Ann');
  expect(requests).toEqual(expected);
});

/** A module whose stock is keyed by two fields, with the answer of its backend. */
const stockGateway = (clock: ReturnType<typeof manualClock>, staleIfError: boolean) => {
  const answer = { status: 200 };
  const sent: string[] = [];
  const module = define({
    name: 'stock',
    typeDefs: typeDefs('type Query { level(sku: ID!, region: ID!): Int }'),
    upstreams: { api: rest() },
    loaders: ({ api }) => ({
      levelOf: eachRevalidated(
        ({ sku, region }: { sku: string; region: string }, headers) =>
          api.get.full('/levels/{sku}/{region}', { path: { sku, region }, headers, response: z.int() }),
        {
          key: ({ sku, region }) => JSON.stringify([sku, region]),
          concurrency: 2,
          cache: { ttlMs: TTL_MS, revalidateMs: KEPT_MS, staleIfError },
        },
      ),
    }),
    resolvers: { Query: { level: (_root, { sku, region }, { loaders }) => loaders.levelOf.load({ sku, region }) } },
  });
  const ask = gatewayOver([module], memoryStore(clock), async (call) => {
    const known = call.headers['if-none-match'];
    sent.push([call.message.protocol === 'rest' ? call.message.target : '', known].filter(Boolean).join(' '));
    if (answer.status === 304 && known !== undefined) return { status: 304, headers: {}, size: 0, value: undefined };
    if (answer.status !== 200) {
      const code = answer.status === 403 ? 'FORBIDDEN' : 'UPSTREAM_ERROR';
      throw new UpstreamError(code, call, 'no answer', { status: answer.status });
    }
    return { status: 200, headers: { etag: '"1"' }, size: 0, value: 7 };
  });
  const level = async (region = 'eu') => {
    const { data, errors } = await ask('query ($r: ID!) { level(sku: "s1", region: $r) }', {}, { r: region });
    return errors?.[0]?.extensions?.code ?? data?.level;
  };
  return { level, answer, sent };
};

test('rows with a key of several fields are revalidated, each by its own ETag', async () => {
  const clock = manualClock();
  const { level, answer, sent } = stockGateway(clock, false);
  expect([await level('eu'), await level('us'), await level('eu')]).toEqual([7, 7, 7]);
  clock.advance(2 * TTL_MS);
  answer.status = 304;
  expect([await level('eu'), await level('eu')]).toEqual([7, 7]);
  expect(sent).toEqual(['/levels/s1/eu', '/levels/s1/us', '/levels/s1/eu "1"']);
});

test.each([
  [false, 503, 'UPSTREAM_ERROR'],
  [true, 503, 7],
  [true, 403, 'FORBIDDEN'],
] as const)('with staleIfError %s, a revalidation that fails with %d is %s', async (staleIfError, status, expected) => {
  const clock = manualClock();
  const { level, answer, sent } = stockGateway(clock, staleIfError);
  await level();
  clock.advance(2 * TTL_MS);
  answer.status = status;
  // The stale row is not prolonged.
  expect([await level(), await level()]).toEqual([expected, expected]);
  answer.status = 200;
  expect([await level(), await level()]).toEqual([7, 7]);
  expect(sent).toEqual(['/levels/s1/eu', ...Array(3).fill('/levels/s1/eu "1"')]);
});

describe.skipIf(noOwnRedis !== null)(`with Redis (${noOwnRedis ?? 'of its own'})`, () => {
  test('a row whose lifetime has passed in Redis is revalidated and prolonged, for all replicas', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const client = await createClient({ url: redis.url }).connect();
    onTestFinished(() => client.destroy());
    const replica = async () => {
      const connection = await redisConnection(redis.url);
      onTestFinished(() => connection.close());
      return usersGateway(redisStore(connection), { u1: 'Ann' });
    };
    const [one, other] = [await replica(), await replica()];
    expect(await one.nameOf('u1')).toBe('Ann');
    const lifetimes = async () => {
      const keys = (await client.keys('*')).toSorted();
      return Promise.all(keys.map(async (key) => ({ key, ms: await client.pTTL(key) })));
    };
    await vi.waitFor(async () => expect(await lifetimes()).toHaveLength(2), LONG_WAIT);
    const fresh = (await lifetimes()).filter(({ ms }) => ms < 2 * TTL_MS);
    expect(fresh).toHaveLength(1);
    for (const { key } of fresh) await client.pExpire(key, 0);
    expect(await other.nameOf('u1')).toBe('Ann');
    expect(other.requests).toEqual(['u1 "Ann" 304']);
    await vi.waitFor(async () => expect(await lifetimes()).toHaveLength(2), LONG_WAIT);
    expect([await one.nameOf('u1'), await other.nameOf('u1')]).toEqual(['Ann', 'Ann']);
    expect([one.requests, other.requests]).toEqual([['u1 200'], ['u1 "Ann" 304']]);
  });
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('revalidateMs of %d is a RangeError', (revalidateMs) => {
  const load = (_id: string) => Promise.reject(new Error('not called'));
  expect(() => eachRevalidated(load, { cache: { ttlMs: 1, revalidateMs } })).toThrow(RangeError);
});
