import { createClient } from '@redis/client';
import { batch, defineBackend, type SchemaModule } from 'tributary/backend';
import { signedIn } from 'tributary/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import catalog from '../../schema/catalog/index.ts';
import { callsOf, mockFor } from '../../services-mock/test-clients.ts';
import { memoryStore } from '../../src/cache/memory.ts';
import { redisStore } from '../../src/cache/redis.ts';
import type { CacheEntry, CacheStore } from '../../src/cache/store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import type { Call } from '../../src/upstream/call.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import {
  type Asking,
  type Forward,
  gatewayOver,
  idsIn,
  type NotesOptions,
  notesBackend,
  notesModule,
  picks,
} from '../support/gateway/entities.ts';
import { typeDefs } from '../support/modules/small-modules.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { stacked } from '../support/upstream/stacked.ts';

/** JSON of a cached row, without the module's schema fingerprint in front of it. */
const jsonOf = ({ value }: CacheEntry): string => value.slice(value.indexOf(' ') + 1);

const PICKS = 'query ($ids: [ID!]!) { picks(ids: $ids) { id name } }';

describe.skipIf(noOwnRedis !== null)(`with Redis (${noOwnRedis ?? 'of its own'})`, () => {
  test('60 cold keys cost one read, one call and one write; at 90 % warm, one read and one call for the other 6', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const connection = await redisConnection(redis.url);
    onTestFinished(() => connection.close());
    const mock = await mockFor('catalog');
    const upstream = connectUpstream(
      {
        name: 'catalog.products',
        protocol: 'rest',
        sources: parseEndpoints(mock.url, 'rest'),
        check: { by: 'connecting' },
      },
      { clock: systemClock },
    );
    onTestFinished(() => upstream.close());
    const cached: SchemaModule = {
      ...catalog,
      merge: { Product: { key: 'id', load: 'productById', cache: { ttlMs: 60_000 } } },
    };
    const runQuery = gatewayOver([picks, cached], redisStore(connection), upstream.send);
    const counted = async () => {
      const client = await createClient({ url: redis.url }).connect();
      const stats = await client.info('commandstats');
      client.destroy();
      const of = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      return { reads: of('mget') + of('get'), writes: of('exec'), sets: of('set') };
    };
    const idsOf = (from: number) => Array.from({ length: 60 }, (_, at) => `p${from + at}`);

    const cold = await runQuery(PICKS, {}, { ids: idsOf(1) });
    expect(cold.errors).toBeUndefined();
    await vi.waitFor(async () => expect(await counted()).toEqual({ reads: 1, writes: 1, sets: 60 }), LONG_WAIT);
    expect((await callsOf(mock)).map(({ ids }) => ids.length)).toEqual([60]);

    const warm = await runQuery(PICKS, {}, { ids: idsOf(7) });
    expect(warm.errors).toBeUndefined();
    await vi.waitFor(async () => expect(await counted()).toEqual({ reads: 2, writes: 2, sets: 66 }), LONG_WAIT);
    expect((await callsOf(mock)).map(({ ids }) => ids)).toEqual([expect.any(Array), idsOf(61).slice(0, 6)]);

    const again = await runQuery(PICKS, {}, { ids: idsOf(7) });
    expect(again).toEqual(warm);
    expect(JSON.stringify(warm.data)).toContain('name');
    expect(await callsOf(mock)).toHaveLength(2);
  });
});

const reader = ({ headers }: Call, id: string) => ({ id, reader: JSON.stringify(headers) });

const NOTES = 'query ($ids: [ID!]!) { notes(ids: $ids) { id reader } }';
const ONE = { ids: ['n1'] };

const alice = signedIn({ subject: 'alice', scopes: ['a'] });
const bob = signedIn({ subject: 'bob', scopes: ['a'] });

/** Number of calls that two consecutive requests cost. */
const callsFor = async (options: NotesOptions, one: Asking, other: Asking): Promise<number> => {
  const { calls, send } = notesBackend(reader);
  const runQuery = gatewayOver([notesModule(options)], memoryStore(systemClock), send);
  await runQuery(NOTES, one, ONE);
  await runQuery(NOTES, other, ONE);
  return calls.length;
};

const TOKEN: Forward = { identity: 'token' };

test('an entry is reused for the same principal only, not for another one or for other roles', async () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const asAlice = { principal: alice, headers: bearer('1') };
  expect(await callsFor({ forward: TOKEN }, asAlice, asAlice)).toBe(1);
  // Claims that the principal does not include may differ, and the backend reads the token.
  expect(await callsFor({ forward: TOKEN }, asAlice, { principal: alice, headers: bearer('other') })).toBe(2);
  expect(await callsFor({}, asAlice, { principal: alice, headers: bearer('other') })).toBe(1);
  expect(await callsFor({ forward: TOKEN }, asAlice, { principal: bob, headers: bearer('2') })).toBe(2);
  expect(await callsFor({ forward: TOKEN }, asAlice, {})).toBe(2);
  const withRole = signedIn({ subject: 'alice', scopes: ['a'], roles: ['admin'] });
  expect(await callsFor({ forward: TOKEN }, asAlice, { principal: withRole, headers: bearer('1') })).toBe(2);
});

test('private is the default scope, even without forwarded client data', async () => {
  expect(await callsFor({}, { principal: alice }, { principal: bob })).toBe(2);
  expect(await callsFor({}, { principal: alice }, { principal: alice })).toBe(1);
});

test('forwarded tokens of anonymous callers are part of the key', async () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  expect(await callsFor({ forward: TOKEN }, bearer('1'), bearer('2'))).toBe(2);
  expect(await callsFor({}, bearer('1'), bearer('2'))).toBe(1);
});

test('every forwarded header is part of the key, and no other header', async () => {
  const forward: Forward = { headers: ['Accept-Language', 'X-Tenant'] };
  const speaking = (language: string) => ({ headers: { 'accept-language': language, 'x-tenant': 't' } });
  expect(await callsFor({ forward }, speaking('de'), speaking('en'))).toBe(2);
  expect(await callsFor({ forward }, speaking('de'), speaking('de'))).toBe(1);
  expect(await callsFor({ forward }, speaking('de'), { headers: { 'x-tenant': 't' } })).toBe(2);
  const other = { headers: { ...speaking('de').headers, 'x-other': 'changes nothing', 'user-agent': 'b' } };
  expect(await callsFor({ forward }, speaking('de'), other)).toBe(1);
});

test('the client’s address is part of the key if it is forwarded', async () => {
  const [here, there] = [{ clientAddress: '10.0.0.1' }, { clientAddress: '10.0.0.2' }];
  expect(await callsFor({ forward: { client: true } }, here, there)).toBe(2);
  expect(await callsFor({}, here, there)).toBe(1);
});

test('a public loader shares entries between all callers, and its calls carry no client data', async () => {
  const { calls, send } = notesBackend();
  const forward: Forward = { client: true, headers: ['x-tenant'] };
  const runQuery = gatewayOver(
    [notesModule({ forward, cache: { ttlMs: 60_000, scope: 'public' } })],
    memoryStore(systemClock),
    send,
  );
  const headers = { authorization: 'Bearer secret', 'x-tenant': 'secret', cookie: 'secret' };
  const first = await runQuery(NOTES, { principal: alice, headers, clientAddress: '10.0.0.1' }, ONE);
  const second = await runQuery(NOTES, { principal: bob }, ONE);

  expect(second.data).toEqual(first.data);
  expect(calls.map((call) => [call.headers, call.principalKey])).toEqual([[{ 'x-request-id': 'r' }, 'anonymous']]);
});

test('a public loader sends no client data without a store either', async () => {
  const { calls, send } = notesBackend();
  const cache = { ttlMs: 60_000, scope: 'public' } as const;
  const runQuery = gatewayOver([notesModule({ forward: { headers: ['x-tenant'] }, cache })], null, send);
  await runQuery(NOTES, { headers: { 'x-tenant': 'secret' } }, ONE);
  await runQuery(NOTES, { headers: { 'x-tenant': 'secret' } }, ONE);
  expect(calls.map(({ headers }) => headers)).toEqual([{ 'x-request-id': 'r' }, { 'x-request-id': 'r' }]);
});

/** A store that records its writes. */
const watched = () => {
  const written: CacheEntry[] = [];
  const store = memoryStore(systemClock);
  const setMany = (entries: readonly CacheEntry[]) => {
    written.push(...entries);
    return store.setMany(entries);
  };
  const watching: CacheStore = { getMany: store.getMany, setMany, state: 'ok', close: store.close };
  return { store: watching, written };
};

test('a missing entity is cached for five seconds at most', async () => {
  for (const [ttlMs, kept] of [
    [60_000, 5_000],
    [3_000, 3_000],
  ] as const) {
    const { calls, send } = notesBackend((_call, id) => (id === 'gone' ? null : { id, reader: 'anybody' }));
    const { store, written } = watched();
    const runQuery = gatewayOver([notesModule({ cache: { ttlMs } })], store, send);
    const ids = { ids: ['n1', 'gone'] };
    const first = await runQuery(NOTES, {}, ids);
    expect(first.data).toEqual({ notes: [{ id: 'n1', reader: 'anybody' }, null] });
    expect(await runQuery(NOTES, {}, ids)).toEqual(first);
    expect(calls).toHaveLength(1);
    expect(written.map((entry) => [jsonOf(entry), entry.ttlMs])).toEqual([
      ['{"id":"n1","reader":"anybody"}', ttlMs],
      ['null', kept],
    ]);
  }
});

test('a failed call is not cached, and fails only its own keys', async () => {
  const { calls, send } = notesBackend((call, id) => {
    if (id === 'n3' && calls.length <= 2) throw new UpstreamError('UPSTREAM_ERROR', call, 'reset');
    return { id, reader: 'anybody' };
  });
  const { store, written } = watched();
  const runQuery = gatewayOver([notesModule({ maxSize: 2 })], store, send);
  const ids = { ids: ['n1', 'n2', 'n3', 'n4'] };
  const broken = await runQuery(NOTES, {}, ids);
  expect(broken.errors?.map(({ path }) => path?.join('.'))).toEqual(['notes.2', 'notes.3']);
  expect(written.map((entry) => JSON.parse(jsonOf(entry)).id)).toEqual(['n1', 'n2']);

  const whole = await runQuery(NOTES, {}, ids);
  expect(whole.errors).toBeUndefined();
  expect(calls.map(idsIn)).toEqual([
    ['n1', 'n2'],
    ['n3', 'n4'],
    ['n3', 'n4'],
  ]);
});

test('a mutation bypasses entries stored before it, and stores what it reads', async () => {
  let version = 0;
  const { send } = notesBackend((_call, id) => ({ id, reader: `version ${version}` }));
  const runQuery = gatewayOver([notesModule()], memoryStore(systemClock), send);
  await runQuery(NOTES, {}, ONE);
  version = 1;
  const before = { notes: [{ id: 'n1', reader: 'version 0' }] };
  expect((await runQuery(NOTES, {}, ONE)).data).toEqual(before);

  const written = await runQuery('mutation { write(id: "n1") { reader } }');
  expect(written.data).toEqual({ write: { reader: 'version 1' } });
  expect((await runQuery(NOTES, {}, ONE)).data).toEqual({ notes: [{ id: 'n1', reader: 'version 1' }] });
});

test('a loader returns the same value on the first load and on cache hits', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  const dates = defineBackend<any>()({
    name: 'dates',
    typeDefs: typeDefs('type Query { kind: String }'),
    loaders: () => ({
      dateById: batch(async (ids: readonly string[]) => new Map(ids.map((id) => [id, { at: new Date(0) }])), {
        cache: { ttlMs: 60_000 },
      }),
    }),
    resolvers: { Query: { kind: async (_root, _args, { loaders }) => typeof (await loaders.dateById.load('d'))?.at } },
  });
  const runQuery = gatewayOver([dates], memoryStore(systemClock), notesBackend().send);
  expect((await runQuery('{ kind }')).data).toEqual({ kind: 'string' });
  expect((await runQuery('{ kind }')).data).toEqual({ kind: 'string' });
});

test.each([
  ['finds nothing', async () => [undefined]],
  ['returns an entry that was never written', async () => ['{"id":']],
])('a store that %s costs a call but no error', async (_what, getMany) => {
  const { calls, send } = notesBackend();
  const store: CacheStore = { getMany, setMany: async () => {}, state: 'degraded', close: async () => {} };
  const runQuery = gatewayOver([notesModule()], store, send);
  for (let times = 0; times < 2; times += 1)
    expect(await runQuery(NOTES, {}, ONE)).toEqual({ data: { notes: [{ id: 'n1', reader: 'anybody' }] } });
  expect(calls).toHaveLength(2);
});

test('a thousand simultaneous requests for one entity cost the backend one call', async () => {
  const { calls, send } = notesBackend();
  const runQuery = gatewayOver([notesModule()], memoryStore(systemClock), stacked(send, { clock: systemClock }).send);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => runQuery(NOTES, {}, ONE)));
  expect(answers.every(({ errors }) => errors === undefined)).toBe(true);
  expect(calls).toHaveLength(1);
});
