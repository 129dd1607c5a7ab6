import type { IncomingHttpHeaders } from 'node:http';
import { batch, byKey, loaded, rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import accounts from '../../schema/accounts/index.ts';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import type { Backend } from '../../src/backend/bind/bind.ts';
import type { Forward } from '../../src/backend/forward/forward-options.ts';
import { systemClock } from '../../src/core/clock.ts';
import { ExecutionContext } from '../../src/graph/execution-context.ts';
import { ExecutionBudget } from '../../src/graph/limits/execution-budget.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { anonymousRequest } from '../support/gateway/executed.ts';
import { expectedOrders, expectWhole, orderPageDocument } from '../support/gateway/expected-page.ts';
import { startGateway, startShop } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { OWN_HEADERS } from '../support/upstream/own-headers.ts';

const Rows = z.array(z.object({ id: z.string(), reader: z.string() }));

/** Returns the identity that the backend received: in a root field, and in a loader. */
const notes = define({
  name: 'notes',
  typeDefs: typeDefs(`
    type Query { notes: [Note!]! }
    type Note { id: ID! reader: String! again: String }
  `),
  upstreams: { api: rest({ forward: { identity: 'token', headers: ['X-Tenant'] } }) },
  loaders: ({ api }) => ({
    noteById: batch(async (ids: readonly string[]) =>
      byKey(await api.get('/notes', { query: { ids: ids.join(',') }, response: Rows }), 'id'),
    ),
  }),
  merge: { Note: { key: 'id', load: 'noteById' } },
  resolvers: {
    Query: {
      notes: async (_root, _args, { clients }) =>
        clients.api.get('/notes', { query: { ids: 'n1,n2' }, response: Rows }),
    },
    Note: { again: loaded('noteById', 'id', (note) => note?.reader) },
  },
});

/** The same, in a join from another module. */
const margins = define({
  name: 'margins',
  typeDefs: typeDefs('type Note { id: ID! scribe: String }'),
  upstreams: { api: rest({ forward: { identity: 'token', headers: ['X-Tenant'] } }) },
  loaders: ({ api }) => ({
    marginById: batch(async (ids: readonly string[]) =>
      byKey(
        (await api.get('/margins', { query: { ids: ids.join(',') }, response: Rows })).map(({ id, reader }) => ({
          id,
          scribe: reader,
        })),
        'id',
      ),
    ),
  }),
  merge: { Note: { key: 'id', load: 'marginById' } },
});

test('no answer contains another caller’s data under concurrent requests', async () => {
  await using api = await rawBackend(({ url = '', headers }, response) => {
    const ids = new URL(url, 'http://api').searchParams.get('ids')?.split(',') ?? [];
    const reader = `${headers.authorization ?? 'nobody'} of ${headers['x-tenant'] ?? 'nowhere'}`;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(ids.map((id) => ({ id, reader }))));
  });
  await using gateway = await startGateway({ NOTES_API_ENDPOINTS: api.url, MARGINS_API_ENDPOINTS: api.url }, [
    notes,
    margins,
  ]);
  const callers: readonly Readonly<Record<string, string>>[] = [
    { authorization: 'Bearer alice', 'x-tenant': 'north' },
    { authorization: 'Bearer bob', 'x-tenant': 'south' },
    {},
  ];
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      callers.map(async (headers) => ({
        headers,
        answer: await gateway.query('{ notes { id reader again scribe } }', {}, headers),
      })),
    ).flat(),
  );
  expect(answers).toHaveLength(600);
  for (const { headers, answer } of answers) {
    const reader = `${headers.authorization ?? 'nobody'} of ${headers['x-tenant'] ?? 'nowhere'}`;
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      notes: ['n1', 'n2'].map((id) => ({ id, reader, again: reader, scribe: reader })),
    });
  }
});

test('an upstream without `forward` gets no data of the client', async () => {
  await using shop = await startShop({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const SECRET = 'of-the-caller';
  const answer = await shop.query(
    orderPageDocument(20),
    {},
    {
      authorization: `Bearer ${SECRET}`,
      cookie: `session=${SECRET}`,
      'proxy-authorization': `Basic ${SECRET}`,
      'x-user-id': SECRET,
      'x-api-key': SECRET,
      'x-forwarded-for': '203.0.113.9',
      'accept-language': SECRET,
      'user-agent': SECRET,
      traceparent: SECRET,
      'x-request-id': 'told-by-the-caller',
    },
  );
  expectWhole(answer, expectedOrders(20));
  const calls = await shop.calls();
  for (const name of BACKEND_NAMES)
    for (const { headers, path } of calls[name]) {
      expect(JSON.stringify({ headers, path })).not.toMatch(new RegExp(`${SECRET}|203\\.0\\.113\\.9`));
      const own = ['te', 'content-type', 'grpc-accept-encoding', 'grpc-timeout', 'accept', 'accept-encoding'];
      const known = [
        ...own,
        'host',
        'connection',
        'user-agent',
        'x-request-id',
        'x-envoy-expected-rq-timeout-ms',
        'x-envoy-attempt-count',
      ];
      expect(Object.keys(headers).filter((header) => !known.includes(header))).toEqual([]);
      expect(headers['x-request-id']).toBe('told-by-the-caller');
    }
});

const CALLER = {
  authorization: 'Bearer alice',
  cookie: 'session=alice',
  'x-user-id': 'alice',
  'accept-language': 'pt',
  'x-tenant': 'north',
};
const FORWARDED: readonly (readonly [forward: Forward, expected: Readonly<Record<string, string>>])[] = [
  [{}, {}],
  [{ identity: 'token' }, { authorization: CALLER.authorization }],
  [{ client: true }, { 'x-forwarded-for': '127.0.0.1' }],
  [{ headers: ['Accept-Language', 'x-absent'] }, { 'accept-language': 'pt' }],
  [{ client: false, headers: ['x-tenant'] }, { 'x-tenant': 'north' }],
];
for (const [forward, expected] of FORWARDED)
  test(`an upstream with forward: ${JSON.stringify(forward)} gets exactly that client data`, async () => {
    const seen: IncomingHttpHeaders[] = [];
    await using api = await rawBackend(({ headers }, response) => {
      seen.push(headers);
      response.setHeader('content-type', 'application/json').end('7');
    });
    const seven = define({
      name: 'seven',
      typeDefs: typeDefs('type Query { seven: Int }'),
      upstreams: { api: rest({ forward }) },
      resolvers: {
        Query: { seven: async (_root, _args, { clients }) => clients.api.get('/seven', { response: z.int() }) },
      },
    });
    await using gateway = await startGateway({ SEVEN_API_ENDPOINTS: api.url }, [seven]);
    expect((await gateway.query('{ seven }', {}, CALLER)).data).toEqual({ seven: 7 });
    expect(seen.map((headers) => Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name)))).toEqual([
      Object.entries(expected),
    ]);
  });

/** The accounts module with a backend that counts its calls. */
const countingAccounts = () => {
  const asked: string[] = [];
  const definition = accounts.upstreams.customers;
  if (definition === undefined) throw new Error('accounts has no upstream "customers"');
  const backend: Backend = {
    module: accounts,
    upstreams: {
      customers: {
        definition,
        methods: [],
        service: null,
        send: async ({ message }) => {
          if (message.protocol === 'rest') asked.push(message.target);
          return { status: 200, headers: {}, size: 2, value: [] };
        },
      },
    },
  };
  return { asked, backends: new Map([['accounts', backend]]) };
};

test('two executions share no client and no loader, even within one request', async () => {
  const { asked, backends } = countingAccounts();
  const request = anonymousRequest();
  const budget = new ExecutionBudget(1_000, request, systemClock, () => {});
  const [one, two] = [1, 2].map(() => new ExecutionContext(request, backends, budget, systemClock));
  if (one === undefined || two === undefined) throw new Error('there are two');
  const [mine, theirs] = [one.backend('accounts'), two.backend('accounts')];
  expect(one.backend('accounts')).toBe(mine);
  expect(mine.clients.customers).not.toBe(theirs.clients.customers);
  expect(mine.loaders.customerById).not.toBe(theirs.loaders.customerById);

  await mine.loaders.customerById?.load('c1');
  await mine.loaders.customerById?.load('c1');
  expect(asked).toHaveLength(1);
  await theirs.loaders.customerById?.load('c1');
  expect(asked).toHaveLength(2);
});

test('entities loaded by one request are loaded again by the next', async () => {
  await using shop = await startShop();
  for (const expected of [1, 2, 3]) {
    await shop.query(
      '{ customer(id: "c1") { name orders(first: 1) { items { product { name stock { available } } } } } }',
    );
    const calls = await shop.calls();
    expect(BACKEND_NAMES.map((name) => calls[name].length)).toEqual([expected, expected, expected, expected]);
  }
});
