import { defineBackend, file, rest, secret } from 'tributary/backend';
import { type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import catalog from '../../schema/catalog/index.ts';
import inventory from '../../schema/inventory/index.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { inventoryServer } from '../support/grpc/grpc-server.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

interface Received {
  readonly url: string;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly accept: string | undefined;
  readonly bytes: string;
}

const shop = defineBackend()({
  name: 'shop',
  typeDefs: typeDefs(
    'type Query { a: String } type Mutation { json: String form: String multipart: String bytes: String }',
  ),
  upstreams: { api: rest({ auth: { apiKey: { header: 'x-key', value: secret('SHOP_KEY') } } }) },
  resolvers: {
    Query: {
      a: (_root, _args, { clients }) =>
        clients.api.get('/a/{id}', { path: { id: 'ä/ö' }, query: { ids: ['1', '2'] }, response: z.string() }),
    },
    Mutation: {
      json: (_root, _args, { clients }) =>
        clients.api.post('/write', { body: { id: 12345678901234567890n, name: 'ü' }, response: z.string() }),
      form: (_root, _args, { clients }) =>
        clients.api.post('/write', { form: { a: { b: ['x y', 'z&'] } }, response: z.string() }),
      multipart: (_root, _args, { clients }) =>
        clients.api.post('/write', { multipart: { f: file({ content: 'é', name: 'a".txt' }) }, response: z.string() }),
      bytes: (_root, _args, { clients }) =>
        clients.api.post('/write', { bytes: new Uint8Array([0, 255]), response: z.string() }),
    },
  },
});

/** Random boundaries of multipart bodies are replaced. */
const shown = (
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  bytes: Uint8Array,
): Received => {
  const type = headers['content-type']?.toString();
  const boundary = /boundary=(.+)$/.exec(type ?? '')?.[1] ?? 'no boundary';
  const text = (value: string) => value.replaceAll(boundary, 'B');
  return {
    url,
    type: type && text(type),
    key: headers['x-key']?.toString(),
    accept: headers.accept?.toString(),
    bytes: text(Buffer.from(bytes).toString('latin1')),
  };
};

test.each(['{ a }', 'mutation { json }', 'mutation { form }', 'mutation { multipart }', 'mutation { bytes }'])(
  'a running server receives the bytes that a script receives: %s',
  async (document) => {
    const received: Received[] = [];
    const server = await rawBackend(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push(shown(request.url ?? '', request.headers, Buffer.concat(chunks)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('"ok"');
    });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const answer = ({ url, headers, bytes }: ScriptedRequest) => {
      received.push(shown(url, headers, bytes ?? new Uint8Array()));
      return 'ok';
    };
    const script = scripted().get('/a/{id}', answer).post('/write', answer);
    for (const api of [script, server.url]) {
      await using gateway = testBackend(shop, { api });
      const { data, errors } = await gateway.query(document);
      expect(errors).toBeUndefined();
      expect(Object.values(data)).toEqual(['ok']);
      expect(gateway.calls).toHaveLength(1);
    }
    expect(received).toHaveLength(2);
    expect(received[1]).toEqual(received[0]);
  },
);

test('a running server receives the secrets of the test, and its error is one call', async () => {
  const keys: unknown[] = [];
  const server = await rawBackend((request, response) => {
    keys.push(request.headers['x-key']);
    response.writeHead(503).end();
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  await using gateway = testBackend(shop, { api: server.url }, { secrets: { SHOP_KEY: 'k7' } });
  expect((await gateway.query('{ a }')).errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  expect(keys).toEqual(['k7']);
  expect(gateway.calls).toEqual(['shop.api GET /a/{id}']);
});

test('a running gRPC server answers a module', async () => {
  const server = await inventoryServer({
    ListLowStock: (call: { request: unknown }, done: (error: null, answer: object) => void) =>
      done(null, { stocks: [{ product_id: JSON.stringify(call.request) }] }),
  });
  onTestFinished(() => server.stop());
  await using gateway = testBackend(inventory, { stock: `grpc://127.0.0.1:${server.port}` }, { beside: [catalog] });
  const { data } = await gateway.query('{ lowStock(below: 3, first: 2) { id } }');
  expect(JSON.parse(data.lowStock[0].id)).toMatchObject({ below: 3, limit: 2 });
});

test('an address of another protocol is an error with its fix', () => {
  expect(() => testBackend(shop, { api: 'grpc://127.0.0.1:1' })).toThrow(/grpc/);
});
