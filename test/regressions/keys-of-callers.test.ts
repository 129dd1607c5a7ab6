import { rest } from 'tributary/backend';
import { type ScriptedRequest, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startShop } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const as = (subject: string) => ({ authorization: `Bearer ${subject}` });

const place = (customer: string, key: string) =>
  `mutation { placeOrder(input: { customerId: "${customer}", items: [{ productId: "p1" }], clientMutationId: "${key}" }) {
    order { id customer { id } }
  } }`;

test('two customers with one clientMutationId get one order each, and a retry adds none', async () => {
  await using shop = await startShop();
  const placed = async (customer: string, key = '1') => {
    const { data, errors } = await shop.query(place(customer, key), {}, as(customer));
    expect(errors).toEqual([]);
    return z
      .object({ placeOrder: z.object({ order: z.object({ id: z.string(), customer: z.object({ id: z.string() }) }) }) })
      .parse(data).placeOrder.order;
  };
  const first = await placed('c1');
  const second = await placed('c2');
  expect([first.customer.id, second.customer.id]).toEqual(['c1', 'c2']);
  expect(second.id).not.toBe(first.id);
  expect(await placed('c1')).toEqual(first);
  expect(await placed('c2')).toEqual(second);
  // HTTP strips whitespace at the ends of a header's value.
  const others = [await placed('c1', ' 1'), await placed('c1', '1 ')];
  expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3);
});

test('two customers with one clientMutationId get one reservation each, over gRPC', async () => {
  await using shop = await startShop();
  const reserve = async (customer: string) => {
    const { data, errors } = await shop.query(
      'mutation { reserveStock(input: { productId: "p1", clientMutationId: "1" }) { reservationId } }',
      {},
      as(customer),
    );
    expect(errors).toEqual([]);
    return z.object({ reserveStock: z.object({ reservationId: z.string() }) }).parse(data).reserveStock.reservationId;
  };
  const first = await reserve('c1');
  expect(await reserve('c2')).not.toBe(first);
  expect(await reserve('c1')).toBe(first);
});

test('anonymous callers share no idempotency key, unless the module sends it unscoped', async () => {
  const guests = define({
    name: 'guests',
    typeDefs: typeDefs('type Query { a: Int } type Mutation { scoped(key: ID!): Int unscoped(key: ID!): Int }'),
    upstreams: { api: rest() },
    resolvers: {
      Query: { a: () => 1 },
      Mutation: {
        scoped: (_root: unknown, { key }: { key: string }, { clients }) =>
          clients.api.post('/carts', { idempotencyKey: key, response: z.int() }),
        unscoped: (_root: unknown, { key }: { key: string }, { clients }) =>
          clients.api.post('/carts', { idempotencyKey: { unscoped: key }, response: z.int() }),
      },
    },
  });
  const sent: (string | undefined)[] = [];
  const api = scripted().post('/carts', ({ headers }: ScriptedRequest) => {
    sent.push(headers['idempotency-key']);
    return 1;
  });
  const gateway = testBackend(guests, { api });
  await gateway.query('mutation { scoped(key: "1") again: scoped(key: "1") }');
  await gateway.query('mutation { scoped(key: "1") }');
  await gateway.query('mutation { scoped(key: "1") }', {}, signedIn());
  expect(new Set(sent).size).toBe(3);
  expect(sent[0]).toBe(sent[1]);
  await gateway.query('mutation { unscoped(key: "1") }');
  expect(sent.at(-1)).toBe('1');
});
