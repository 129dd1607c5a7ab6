import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { grpc, rest } from 'tributary/backend';
import { type ScriptedRequest, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { httpServer } from '../support/backends/hostile-http.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { portOf } from '../support/processes/ports.ts';

const PRINCIPAL = signedIn({ subject: 'c1', scopes: ['stock:write'], roles: ['c1'] });
const AUTHORIZATION = { authorization: 'Bearer c1', 'accept-language': 'de' };

const module = define({
  name: 'shop',
  typeDefs: typeDefs('type Query { search: Int } type Mutation { change: Int reserve: Boolean }'),
  upstreams: {
    api: rest({ forward: { identity: 'token', headers: ['accept-language'] }, deadlineHeader: 'x-left' }),
    stock: grpc({
      proto: '../../../schema/inventory/inventory.proto',
      service: 'inventory.v1.Inventory',
      forward: { headers: ['accept-language'] },
    }),
  },
  resolvers: {
    Query: {
      search: (_root: unknown, _args: unknown, { clients }) =>
        clients.api.get('/search?kind=a&of={of}', {
          path: { of: 'a&b' },
          query: { first: 2, q: ['x', 'y z'] },
          headers: { 'X-Api': '1', Accept: 'application/vnd.shop+json' },
          response: z.int(),
        }),
    },
    Mutation: {
      change: (_root: unknown, _args: unknown, { clients }) =>
        clients.api.patch('/things/{id}', {
          path: { id: 'ü/1' },
          body: { name: 'Ünï 日本', big: 9223372036854775807n, none: null },
          headers: { 'Content-Type': 'application/merge-patch+json' },
          idempotencyKey: 'k',
          response: z.int(),
        }),
      // biome-ignore lint/suspicious/noExplicitAny: a module without generated types knows no methods
      reserve: async (_root: unknown, _args: unknown, { clients, scopedKey }: any) =>
        (
          await clients.stock.reserve(
            { productId: 'p1', quantity: 2, requestId: scopedKey('k') },
            { metadata: { 'X-Api': '1' }, idempotencyKey: 'k' },
          )
        ).reserved,
    },
  },
});

/** Headers that HTTP adds to each request, and headers that differ between two requests. */
const OF_CONNECTION = ['host', 'connection', 'content-length'];
const OF_REQUEST = ['x-request-id', 'x-left', 'grpc-timeout'];

const comparable = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !OF_CONNECTION.includes(name) && !name.startsWith(':'))
      .map(([name, value]) => [name, OF_REQUEST.includes(name) ? typeof value : value]),
  );

const record = () => {
  const seen: ScriptedRequest[] = [];
  const answer = (value: unknown) => (request: ScriptedRequest) => {
    seen.push(request);
    return value;
  };
  return { seen, answer };
};

/** A gRPC server that records headers and bodies, and answers every call with an empty message. */
const grpcServer = async () => {
  const seen: { readonly headers: Readonly<Record<string, unknown>>; readonly bytes: Buffer }[] = [];
  const server = createServer().on('stream', async (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    seen.push({ headers, bytes: Buffer.concat(chunks) });
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `grpc://127.0.0.1:${portOf(server)}`, seen };
};

const UNUSED = 'grpc://127.0.0.1:1';

test('a REST request in a test is the request on the wire: method, URL, headers and bytes', async () => {
  const server = await httpServer((_request, response) => response.end('7'));
  const env = { SHOP_API_ENDPOINTS: server.endpoint.url.origin, SHOP_STOCK_ENDPOINTS: UNUSED };
  await using gateway = await startGateway(env, [module]);
  const { seen, answer } = record();
  const api = scripted().get('/search?kind=a&of={of}', answer(7)).patch('/things/{id}', answer(7));
  const inTest = testBackend(module, { api }, { headers: AUTHORIZATION, principal: PRINCIPAL });
  for (const document of ['{ search }', 'mutation { change }']) {
    expect((await gateway.query(document, {}, AUTHORIZATION)).errors).toEqual([]);
    expect((await inTest.query(document)).errors).toBeUndefined();
  }
  expect(seen.map(({ method, url, headers, bytes }) => [method, url, comparable(headers), String(bytes)])).toEqual(
    server.requests.map(({ method, url, headers, body }) => [method, url, comparable(headers), body]),
  );
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /search?kind=a&of=a%26b&first=2&q=x&q=y%20z',
    'PATCH /things/%C3%BC%2F1',
  ]);
  expect(seen[0]?.headers).toMatchObject({
    accept: 'application/vnd.shop+json',
    'x-api': '1',
    'accept-language': 'de',
  });
  expect(seen[1]?.headers).toMatchObject({ 'content-type': 'application/merge-patch+json' });
  expect(String(seen[1]?.bytes)).toBe('{"name":"Ünï 日本","big":9223372036854775807,"none":null}');
  expect(seen[0]?.query.getAll('q')).toEqual(['x', 'y z']);
});

test('a gRPC request in a test is the request on the wire: path, metadata and bytes', async () => {
  const server = await grpcServer();
  const env = { SHOP_API_ENDPOINTS: 'http://127.0.0.1:1', SHOP_STOCK_ENDPOINTS: server.url };
  await using gateway = await startGateway(env, [module]);
  const { seen, answer } = record();
  const stock = scripted().unary('Reserve', answer({}));
  const inTest = testBackend(module, { stock }, { headers: AUTHORIZATION, principal: PRINCIPAL });
  expect((await gateway.query('mutation { reserve }', {}, AUTHORIZATION)).errors).toEqual([]);
  expect((await inTest.query('mutation { reserve }')).errors).toBeUndefined();
  expect(seen.map(({ method, url, headers, bytes }) => [method, url, comparable(headers), bytes])).toEqual(
    server.seen.map(({ headers, bytes }) => [headers[':method'], headers[':path'], comparable(headers), bytes]),
  );
  expect(seen[0]?.headers).toMatchObject({ te: 'trailers', 'content-type': 'application/grpc', 'x-api': '1' });
});

test.each([
  ['a template without a slash', '{ a: noSlash }', /must begin with/],
  ['a header that the client sets itself', '{ a: length }', /"content-length" is counted from the body/],
  ['metadata reserved by gRPC', '{ a: timeout }', /"grpc-timeout" is reserved by gRPC/],
  ['metadata that the client sets itself', '{ a: type }', /"content-type" is set by the gRPC client/],
  ['a number that JSON cannot encode', '{ a: nan }', /"price" in the body is NaN/],
])('%s is rejected with a message, and nothing is sent', async (_what, document, reason) => {
  const refused: unknown[] = [];
  const noted = (call: Promise<unknown>) =>
    call.catch((error: unknown) => {
      refused.push(error);
      return 1;
    });
  const wrong = define({
    name: 'wrong',
    typeDefs: typeDefs('type Query { noSlash: Int length: Int timeout: Int type: Int nan: Int }'),
    upstreams: module.upstreams,
    resolvers: {
      Query: {
        // biome-ignore lint/suspicious/noExplicitAny: types would not let these pass
        noSlash: (_root: unknown, _args: unknown, { clients }: any) =>
          noted(clients.api.get('things', { response: z.int() })),
        // biome-ignore lint/suspicious/noExplicitAny: types would not let these pass
        length: (_root: unknown, _args: unknown, { clients }: any) =>
          noted(clients.api.get('/things', { headers: { 'content-length': '5' }, response: z.int() })),
        // biome-ignore lint/suspicious/noExplicitAny: types would not let these pass
        timeout: (_root: unknown, _args: unknown, { clients }: any) =>
          noted(clients.stock.reserve({}, { metadata: { 'grpc-timeout': '1S' } })),
        // biome-ignore lint/suspicious/noExplicitAny: types would not let these pass
        type: (_root: unknown, _args: unknown, { clients }: any) =>
          noted(clients.stock.reserve({}, { metadata: { 'content-type': 'application/grpc+json' } })),
        // biome-ignore lint/suspicious/noExplicitAny: types would not let these pass
        nan: (_root: unknown, _args: unknown, { clients }: any) =>
          noted(clients.api.post('/things', { body: { price: Number.NaN }, response: z.int() })),
      },
    },
  });
  const gateway = testBackend(wrong, {});
  await gateway.query(document);
  expect(String(refused)).toMatch(reason);
  expect(gateway.calls).toEqual([]);
});
