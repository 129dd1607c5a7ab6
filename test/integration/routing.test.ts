import { batch, defineBackend, loaded, rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { anonymousRequest, EXECUTIONS, type Execution, paramsOf } from '../support/gateway/executed.ts';
import { answer } from '../support/upstream/calls.ts';
import { stacked } from '../support/upstream/stacked.ts';

const Version = z.string();

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const version = (_root: unknown, _args: unknown, { clients }: any) =>
  clients.desk.get('/version', { response: Version });

const routing = {
  subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
  routes: [
    { when: { header: { 'x-beta': 'on' } }, to: 'v2' },
    { when: { argument: { 'shop.filter.region': 'eu-*' } }, to: 'v2' },
    { when: { kind: 'mutation' }, to: 'v2' },
    { when: { operation: 'Next' }, to: 'v2' },
    { to: 'v1' },
  ],
} as const;

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const shops = defineBackend<any>()({
  name: 'shops',
  typeDefs: {
    file: import.meta.filename,
    text: `
      input Filter { region: String }
      type Shop { id: ID! cached: String }
      type Query {
        version: String
        shop(filter: Filter): Shop
        headline: String @cacheControl(maxAge: 60)
      }
      type Mutation { restock: String }`,
  },
  upstreams: { desk: rest({ routing }) },
  loaders: ({ desk }) => ({
    cachedById: batch(
      async (ids: readonly string[]) => {
        const found = await desk.get('/version', { response: Version });
        return new Map(ids.map((id) => [id, found]));
      },
      { cache: { ttlMs: 60_000, scope: 'public' } },
    ),
  }),
  resolvers: {
    Query: { version, headline: version, shop: () => ({ id: '1' }) },
    Mutation: { restock: version },
    Shop: { cached: loaded('cachedById', 'id') },
  },
});

const gatewayOf = (execution: Execution) => {
  const endpoints = ['v1', 'v2'].map((version) => endpointAt(`http://${version}.invalid`, { labels: { version } }));
  const upstream = stacked(async ({ endpoint }) => answer(endpoint?.labels.version), {
    clock: systemClock,
    endpoints,
    traffic: { routing },
  });
  const gateway = buildGateway({
    modules: [shops],
    connect: () => upstream.send,
    execution,
    store: memoryStore(systemClock),
  });
  const started = gateway.start();
  return async (query: string, headers = {}, variables = {}) => {
    await started;
    const { data, errors } = await gateway.execute(paramsOf(query, { variables }), { ...anonymousRequest(), headers });
    expect(errors).toBeUndefined();
    return data;
  };
};

test.each(EXECUTIONS)('routes see headers, operation and arguments (%s)', async (execution) => {
  const runQuery = gatewayOf(execution);
  expect(await runQuery('{ version }')).toEqual({ version: 'v1' });
  expect(await runQuery('{ version }', { 'x-beta': 'on' })).toEqual({ version: 'v2' });
  expect(await runQuery('query Next { version }')).toEqual({ version: 'v2' });
  expect(await runQuery('mutation { restock }')).toEqual({ restock: 'v2' });
  const byVariable = 'query ($f: Filter) { ...on Query { shop(filter: $f) { cached } } }';
  expect(await runQuery(byVariable, {}, { f: { region: 'eu-1' } })).toEqual({ shop: { cached: 'v2' } });
  const byDefault = 'query ($r: String = "eu-2") { shop(filter: { region: $r }) { cached } }';
  expect(await runQuery(byDefault)).toEqual({ shop: { cached: 'v2' } });
  expect(await runQuery('{ shop(filter: { region: "us-1" }) { cached } }')).toEqual({ shop: { cached: 'v1' } });
});

test.each(EXECUTIONS)('a cached value or answer of one subset is not that of another (%s)', async (execution) => {
  const runQuery = gatewayOf(execution);
  for (const _ of ['filled', 'read']) {
    expect(await runQuery('{ headline }')).toEqual({ headline: 'v1' });
    expect(await runQuery('{ headline }', { 'x-beta': 'on' })).toEqual({ headline: 'v2' });
    expect(await runQuery('query A { shop { cached } }')).toEqual({ shop: { cached: 'v1' } });
    expect(await runQuery('query Next { shop { cached } }')).toEqual({ shop: { cached: 'v2' } });
  }
});
