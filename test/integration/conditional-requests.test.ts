import type { ServerResponse } from 'node:http';
import { rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { rejectionOf, servedClient } from '../support/upstream/rest-client-over.ts';

const Thing = z.object({ name: z.string() });
const ETAG = '"1"';

/** Answers with a status, and the headers of a cache. */
const status =
  (code: number, body = '') =>
  (response: ServerResponse) =>
    void response.writeHead(code, { etag: ETAG }).end(body);

test.each([[{ 'if-none-match': ETAG }], [{ 'If-Modified-Since': 'Wed, 02 Jan 2030 00:00:00 GMT' }]])(
  'a 304 to %j is an answer of full, without a value',
  async (headers) => {
    const { client, requests } = await servedClient(status(304));
    const answer = await client.get.full('/things/{id}', { path: { id: 1 }, headers, response: Thing });
    expect(answer).toMatchObject({ status: 304, value: undefined, headers: { etag: ETAG } });
    expect((await client.head('/things/1', { headers })).status).toBe(304);
    const [name = '', sent] = Object.entries(headers)[0] ?? [];
    expect(requests.map(({ line, headers: received }) => [line, received[name.toLowerCase()]])).toEqual([
      ['GET /things/1', sent],
      ['HEAD /things/1', sent],
    ]);
  },
);

test.each(['text', 'bytes', 'stream', 'none'] as const)('a 304 has no value with as: %s', async (as) => {
  const { client } = await servedClient(status(304));
  const headers = { 'if-none-match': ETAG };
  expect(await client.get.full('/x', { as, headers, response: Thing })).toMatchObject({
    status: 304,
    value: undefined,
  });
});

test('a changed resource has its value, and the compiler requires a check', async () => {
  const { client } = await servedClient(status(200, '{"name":"n"}'));
  const headers = { 'if-none-match': ETAG };
  const { value } = await client.get.full('/x', { headers, response: Thing });
  // @ts-expect-error a 304 has no value
  expect(value.name).toBe('n');
  const plain = await client.get.full('/x', { headers: { 'x-a': 'b' }, response: Thing });
  expect(plain.value.name).toBe('n');
  const written = await client.put.full('/x', { headers: { 'if-none-match': '*' }, body: {}, response: Thing });
  expect(written.value.name).toBe('n');
});

test('a 304 that full did not request is a bad response, sent once', async () => {
  const { client, requests } = await servedClient(status(304));
  const bad = { code: 'UPSTREAM_BAD_RESPONSE', status: 304 };
  const headers = { 'if-none-match': ETAG };
  expect(await rejectionOf(client.get('/x', { headers, response: Thing }))).toMatchObject(bad);
  expect(await rejectionOf(client.get.full('/x', { response: Thing }))).toMatchObject(bad);
  expect(await rejectionOf(client.put.full('/x', { headers, body: {}, response: Thing }))).toMatchObject(bad);
  expect(requests).toHaveLength(3);
});

test('a plain read does not share the flight of a conditional one', async () => {
  const waiting: ServerResponse[] = [];
  const { client } = await servedClient((response) => {
    if (waiting.push(response) === 2) for (const one of waiting) status(304)(one);
  });
  const options = { headers: { 'if-none-match': ETAG }, response: Thing };
  const [full, plain] = await Promise.all([client.get.full('/x', options), rejectionOf(client.get('/x', options))]);
  expect(full.status).toBe(304);
  expect(plain).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
});

test.each([412, 428])('a %d is CONFLICT, is not retried and opens no circuit', async (code) => {
  const circuit = { consecutiveFailures: 1 };
  const { client, requests } = await servedClient(status(code), { circuit });
  const headers = { 'if-match': ETAG };
  for (let at = 0; at < 3; at += 1) {
    const write = client.put('/x', { headers, body: {}, idempotencyKey: 'k', response: Thing });
    expect(await rejectionOf(write)).toMatchObject({ code: 'CONFLICT', status: code });
    expect(await rejectionOf(client.get('/x', { headers, response: Thing }))).toMatchObject({ code: 'CONFLICT' });
  }
  expect(requests).toHaveLength(6);
});

test('a version in the SDL is the ETag, and a write with an old version is CONFLICT', async () => {
  const shop = define({
    name: 'shop',
    typeDefs: typeDefs(`
      type Query { product: Product }
      type Mutation { renameProduct(name: String!, version: String!): Product! }
      type Product { name: String!  version: String! }
    `),
    upstreams: { api: rest() },
    resolvers: {
      Query: {
        // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
        product: async (_root: any, _args: any, { clients }: any) => {
          const { value, headers } = await clients.api.get.full('/product', { response: Thing });
          return { ...value, version: headers.etag };
        },
      },
      Mutation: {
        // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
        renameProduct: async (_root: any, { name, version }: any, { clients }: any) => {
          const options = { body: { name }, headers: { 'if-match': version }, response: Thing };
          const { value, headers } = await clients.api.patch.full('/product', options);
          return { ...value, version: headers.etag };
        },
      },
    },
  });
  let version = 1;
  const api = scripted()
    .get('/product', () => reply({ status: 200, headers: { etag: `"${version}"` }, body: { name: 'old' } }))
    .patch('/product', ({ headers, body }) => {
      if (headers['if-match'] !== `"${version}"`) return reply({ status: 412 });
      version += 1;
      return reply({ status: 200, headers: { etag: `"${version}"` }, body });
    });
  const gateway = testBackend(shop, { api });
  const read = await gateway.query('{ product { name version } }');
  expect(read.data).toEqual({ product: { name: 'old', version: ETAG } });
  const rename = 'mutation ($v: String!) { renameProduct(name: "new", version: $v) { name version } }';
  const first = await gateway.query(rename, { v: read.data.product.version });
  expect(first.data).toEqual({ renameProduct: { name: 'new', version: '"2"' } });
  const second = await gateway.query(rename, { v: read.data.product.version });
  expect(second.errors?.map(({ extensions }) => extensions?.code)).toEqual(['CONFLICT']);
});

test('a script answers a conditional read with 304', async () => {
  const cached = define({
    name: 'cached',
    typeDefs: typeDefs('type Query { isNew: Boolean }'),
    upstreams: { api: rest() },
    resolvers: {
      Query: {
        // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
        isNew: async (_root: any, _args: any, { clients }: any) => {
          const options = { headers: { 'if-none-match': ETAG }, response: Thing };
          return (await clients.api.get.full('/x', options)).value !== undefined;
        },
      },
    },
  });
  const gateway = testBackend(cached, { api: scripted().get('/x', reply({ status: 304 })) });
  expect(await gateway.query('{ isNew }')).toEqual({ data: { isNew: false }, errors: undefined });
});
