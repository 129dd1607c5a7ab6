import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { batch, byKey, defineBackend, loaded, rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../../src/auth/principal.ts';
import { memoryStore } from '../../src/cache/memory.ts';
import type { CacheStore } from '../../src/cache/store.ts';
import { systemClock } from '../../src/clock.ts';
import { buildGateway } from '../../src/gateway/build.ts';
import { withOperationCache } from '../../src/gateway/operation-cache.ts';
import { untraced } from '../../src/telemetry/open-trace.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import type { Layer, Send } from '../../src/upstream/call.ts';
import { upstreamStack } from '../../src/upstream/connect.ts';
import { singleFlight } from '../../src/upstream/single-flight.ts';

const CALLERS = 1_000;
const WAVE = 250;
const Row = z.object({ id: z.string(), mark: z.string() });
const Rows = z.array(Row);

/** Everything in it is marked with the token that it was asked with. Kept privately, batched and shared in flight. */
const marked = (kept: ReadonlyMap<string, unknown> | null = null) =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'marked',
    typeDefs: {
      file: import.meta.filename,
      text: `
        type Query { rows(ids: [ID!]!): [Row!] @cacheControl(maxAge: 60)  all: [Row!] @cacheControl(maxAge: 60) }
        type Row @cacheControl(maxAge: 60) { id: ID!  mark: String  again: String }`,
    },
    upstreams: { api: rest({ forward: { identity: 'token' } }) },
    // biome-ignore lint/suspicious/noExplicitAny: see above
    loaders: ({ api }: any) => ({
      rowById: batch(
        async (ids: readonly string[]) => {
          const rows = byKey(
            Rows.parse(await api.get('/rows', { query: { ids: ids.join(',') }, response: Rows })),
            'id',
          );
          if (kept === null) return rows;
          for (const [id, row] of rows) if (!kept.has(id)) Map.prototype.set.call(kept, id, row);
          return kept;
        },
        { cache: { ttlMs: 60_000 } },
      ),
    }),
    resolvers: {
      Query: {
        rows: (_root: unknown, { ids }: { ids: string[] }) => ids.map((id) => ({ id })),
        // biome-ignore lint/suspicious/noExplicitAny: see above
        all: (_root: unknown, _args: unknown, { clients }: any) =>
          clients.api.get('/rows', { query: { ids: '1,2,3' }, response: z.array(Row) }),
      },
      Row: {
        mark: loaded('rowById', 'id', (row: { mark: string } | null) => row?.mark),
        again: loaded('rowById', 'id', (row: { mark: string } | null) => row?.mark),
      },
    },
  });

/** A backend that is never quick enough for calls not to overlap. */
const api: Send = async ({ headers, message }) => {
  await setImmediate();
  const target = message.protocol === 'rest' ? message.target : '';
  const ids = new URL(target, 'http://api.invalid').searchParams.get('ids')?.split(',') ?? [];
  return {
    status: 200,
    headers: {},
    size: 0,
    value: ids.map((id) => ({ id, mark: headers.authorization ?? 'nobody' })),
  };
};

const ENDPOINT = { url: new URL('http://api.invalid'), weight: 1, max: Number.POSITIVE_INFINITY };

interface Sabotage {
  readonly store?: CacheStore;
  readonly layer?: Layer;
  readonly kept?: ReadonlyMap<string, unknown>;
  readonly everythingPublic?: boolean;
}

const contextOf = (principal: Principal, token: string) => ({
  requestId: token,
  principal,
  headers: { authorization: token },
  clientAddress: '127.0.0.1',
  deadline: systemClock.now() + 60_000,
  signal: new AbortController().signal,
  trace: untraced(),
});

const DOCUMENTS = [
  '{ rows(ids: ["1", "2"]) { id mark } }',
  '{ rows(ids: ["2", "3"]) { mark again } other: rows(ids: ["1"]) { again } }',
  '{ all { id mark } }',
  '{ a: all { mark } b: rows(ids: ["3", "1"]) { mark } }',
];

const marksIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"Bearer [^"]*"/g)].map(([mark]) => mark);

/** How many marks of others were in the answers of all callers, and how many of their own. */
const askAll = async ({
  store = memoryStore(systemClock),
  layer = (next) => next,
  kept,
  everythingPublic,
}: Sabotage) => {
  const { apollo, run, schema } = buildGateway({
    modules: [marked(kept ?? null)],
    store,
    connect: () => layer(upstreamStack({ endpoints: [ENDPOINT], timeoutMs: 60_000 }, systemClock)(api)),
  });
  await apollo.start();
  const policyOf = () => ({ maxAge: 60, isPrivate: false, isLimited: false });
  const leaky = withOperationCache({ store, policyOf, fingerprint: 'x' })(run);
  const { parse } = await import('graphql');

  const ask = async (caller: number): Promise<{ own: number; foreign: number }> => {
    const token = `Bearer ${caller}`;
    const context = contextOf(signedIn({ subject: `c${caller}` }), token);
    const query = DOCUMENTS[randomInt(DOCUMENTS.length)] ?? '';
    const answer = async () => {
      if (everythingPublic !== true) return apollo.executeOperation({ query }, { contextValue: context });
      const document = parse(query);
      const operation = document.definitions[0];
      return operation?.kind === 'OperationDefinition' ? leaky({ document, operation, variables: {} }, context) : null;
    };
    const marks = marksIn(await answer());
    const own = marks.filter((mark) => mark === `"${token}"`).length;
    return { own, foreign: marks.length - own };
  };
  const found: { own: number; foreign: number }[] = [];
  // In waves, so that later ones meet what earlier ones have left behind.
  for (let caller = 0; caller < CALLERS; caller += WAVE)
    found.push(...(await Promise.all(Array.from({ length: WAVE }, (_, at) => ask(caller + at)))));
  await apollo.stop();
  expect(schema.getType('Row')).toBeDefined();
  return {
    own: found.reduce((sum, { own }) => sum + own, 0),
    foreign: found.reduce((sum, { foreign }) => sum + foreign, 0),
  };
};

test('a thousand callers at once, and no answer carries what another one’s token was answered', async () => {
  const { own, foreign } = await askAll({});
  expect(foreign).toBe(0);
  expect(own).toBeGreaterThan(2 * CALLERS);
});

/** Forgets who is asking, as a store would whose keys did not say. */
const forgetful = (store: CacheStore): CacheStore => {
  const anonymous = (key: string) => JSON.stringify(JSON.parse(key).slice(1));
  return {
    state: 'ok',
    getMany: (keys) => store.getMany(keys.map(anonymous)),
    setMany: (entries) => store.setMany(entries.map((entry) => ({ ...entry, key: anonymous(entry.key) }))),
    close: () => store.close(),
  };
};

/** Shares flights between all callers. */
const crowded: Layer = (next) => {
  const authorizations = new Map<string, string>();
  const flight = singleFlight(systemClock)((call) =>
    next({ ...call, headers: { ...call.headers, authorization: authorizations.get(call.route) ?? '' } }),
  );
  return (call) => {
    authorizations.set(call.route, call.headers.authorization ?? '');
    return flight({ ...call, principalKey: 'everybody', headers: {} });
  };
};

test.each<[key: string, sabotage: Sabotage]>([
  ['the entity cache', { store: forgetful(memoryStore(systemClock)) }],
  ['single flight', { layer: crowded }],
  ['a loader', { kept: new Map() }],
  ['the operation cache', { everythingPublic: true }],
])('with the principal taken out of the key of %s, the same run finds it out', async (_key, sabotage) => {
  expect((await askAll(sabotage)).foreign).toBeGreaterThan(0);
});
