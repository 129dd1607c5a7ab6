import { defineBackend, fail, grpc, rest, UpstreamError } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { INVENTORY_PROTO } from '../support/grpc/grpc-server.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

/** A backend that answers every request with this status, and counts them. */
const refusing = async (status: number) => {
  const counted = { requests: 0 };
  const backend = await rawBackend((_, response) => {
    counted.requests += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":"t1"}');
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { url: backend.url, counted };
};

const shop = defineBackend()({
  name: 'shop',
  typeDefs: typeDefs('type Query { thing: String caught: String }'),
  errors: { GONE_FOR_GOOD: 'The thing is gone for good.' },
  upstreams: {
    things: rest({ errors: () => fail('GONE_FOR_GOOD', { id: 't1' }), retry: { baseMs: 0, maxMs: 0 } }),
  },
  resolvers: {
    Query: {
      thing: (_root, _args, { clients }) => clients.things.get('/thing', { response: z.string() }),
      caught: async (_root, _args, { clients }) => {
        try {
          return await clients.things.get('/caught', { response: z.string() });
        } catch (error) {
          if (error instanceof UpstreamError) return `${error.code} ${JSON.stringify(error.response?.body)}`;
          throw error;
        }
      },
    },
  },
});

test('a failure that errors returns has its declared code and message, and does not make the field null', async () => {
  const { url } = await refusing(404);
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: url }, [shop]);
  const { data, errors } = await gateway.query('{ thing caught }');
  expect(data).toEqual({ thing: null, caught: 'NOT_FOUND {"id":"t1"}' });
  expect(errors).toMatchObject([
    { message: 'The thing is gone for good.', extensions: { code: 'GONE_FOR_GOOD', details: { id: 't1' } } },
  ]);
});

test('a read with a failure is retried by its status', async () => {
  const { url, counted } = await refusing(503);
  await using gateway = await startGateway({ SHOP_THINGS_ENDPOINTS: url }, [shop]);
  expect((await gateway.query('{ thing }')).errors).toMatchObject([{ extensions: { code: 'GONE_FOR_GOOD' } }]);
  expect(counted.requests).toBe(3);
});

test('a failure that errors of a gRPC upstream returns reaches the client', async () => {
  const stores = defineBackend()({
    name: 'stores',
    typeDefs: typeDefs('type Query { reserved: Boolean }'),
    errors: { SOLD_OUT: 'Sold out.' },
    upstreams: {
      stock: grpc({
        proto: INVENTORY_PROTO,
        service: 'inventory.v1.Inventory',
        errors: ({ status }) => (status === 'INTERNAL' ? fail('SOLD_OUT') : undefined),
      }),
    },
    resolvers: {
      Query: { reserved: async (_root, _args, { clients }) => (await Object(clients.stock).reserve({})).reserved },
    },
  });
  const gateway = testBackend(stores, { stock: scripted().unary('Reserve', reply({ status: 13 })) });
  expect((await gateway.query('{ reserved }')).errors).toMatchObject([
    { message: 'Sold out.', extensions: { code: 'SOLD_OUT' } },
  ]);
});
