import { reply, type ScriptedRequest, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import orders from './index.ts';

const order = (id: string, customerId = 'c1') => ({
  id,
  customerId,
  status: 'PAID',
  placedAt: '2026-10-01T08:00:00.000Z',
  items: [{ productId: 'p1', quantity: 2 }],
});

test('customers and products are returned as ids, without a call to other backends', async () => {
  const gateway = testBackend(orders, { orders: scripted().get('/orders', [order('o2'), order('o1')]) });
  const { data } = await gateway.query('{ orders(first: 2) { id customer { id } items { quantity product { id } } } }');
  expect(data.orders[1]).toEqual({ id: 'o1', customer: { id: 'c1' }, items: [{ quantity: 2, product: { id: 'p1' } }] });
  expect(gateway.calls).toEqual(['orders.orders GET /orders']);
});

test('an unknown order is null', async () => {
  const gateway = testBackend(orders, { orders: scripted().get('/orders/{id}', reply({ status: 404 })) });
  expect(await gateway.query('{ order(id: "o9") { id } }')).toEqual({ data: { order: null }, errors: undefined });
});

test('two lists of different length for each customer of a page cost one call', async () => {
  const script = scripted().get('/orders', ({ query }) =>
    query.has('customers')
      ? ['c1', 'c2'].flatMap((customer) => ['o5', 'o4', 'o3'].map((id) => order(`${id}-${customer}`, customer)))
      : [order('o1', 'c1'), order('o2', 'c2')],
  );
  const gateway = testBackend(orders, { orders: script });
  const { data } = await gateway.query(
    '{ orders { customer { two: orders(first: 2) { id } one: orders(first: 1) { id } } } }',
  );
  expect(data.orders.map(({ customer }: { customer: unknown }) => customer)).toEqual(
    ['c1', 'c2'].map((customer) => ({
      two: [{ id: `o5-${customer}` }, { id: `o4-${customer}` }],
      one: [{ id: `o5-${customer}` }],
    })),
  );
  expect(gateway.calls).toHaveLength(2);
});

const place = (customerId: string) =>
  `mutation { placeOrder(input: { customerId: "${customerId}", items: [{ productId: "p1" }], clientMutationId: "m1" }) { order { id } } }`;

test('a retried order keeps its idempotency key, and another customer has a different key', async () => {
  const seen: ScriptedRequest[] = [];
  const script = scripted().post('/orders', (request) => {
    seen.push(request);
    return order('o9');
  });
  const gateway = testBackend(orders, { orders: script });
  for (const customer of ['c1', 'c1', 'c2']) {
    const { data } = await gateway.query(place(customer), {}, signedIn({ subject: customer }));
    expect(data).toEqual({ placeOrder: { order: { id: 'o9' } } });
  }
  expect(seen[0]?.body).toEqual({ customerId: 'c1', items: [{ productId: 'p1', quantity: 1 }] });
  const [first, retry, other] = seen.map(({ headers }) => headers['idempotency-key']);
  expect(first).toMatch(/./);
  expect(retry).toBe(first);
  expect(other).not.toBe(first);
});

test('an order for another customer is FORBIDDEN and not sent', async () => {
  const gateway = testBackend(orders, { orders: scripted() }, { principal: signedIn({ subject: 'c1' }) });
  expect((await gateway.query(place('c2'))).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  expect(gateway.calls).toEqual([]);
});

test('an order of an unknown product fails with UNKNOWN_PRODUCT and the path in the input', async () => {
  const violations = [{ field: 'items[0].productId', message: 'is not for sale' }];
  const script = scripted().post(
    '/orders',
    reply({ status: 422, body: { type: '/problems/unknown-product', violations } }),
  );
  const { errors } = await testBackend(orders, { orders: script }, { principal: signedIn({ subject: 'c1' }) }).query(
    place('c1'),
  );
  expect(errors).toMatchObject([{ extensions: { code: 'UNKNOWN_PRODUCT', details: { violations } } }]);
});

const cancel = 'mutation { cancelOrder(input: { orderId: "o1" }) { order { status } } }';

test('an open order is cancelled, a shipped one is ORDER_NOT_CANCELLABLE, another customer’s is FORBIDDEN', async () => {
  const found = scripted().get('/orders/{id}', order('o1'));
  const open = found.post('/orders/{id}/cancel', { ...order('o1'), status: 'CANCELLED' });
  const shipped = found.post(
    '/orders/{id}/cancel',
    reply({ status: 409, body: { type: '/problems/not-cancellable' } }),
  );
  const runQuery = (script: typeof open, subject: string) =>
    testBackend(orders, { orders: script }, { principal: signedIn({ subject }) }).query(cancel);
  expect((await runQuery(open, 'c1')).data).toEqual({ cancelOrder: { order: { status: 'CANCELLED' } } });
  expect((await runQuery(shipped, 'c1')).errors).toMatchObject([{ extensions: { code: 'ORDER_NOT_CANCELLABLE' } }]);
  expect((await runQuery(found, 'c2')).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('an order with a quantity above 100 is BAD_USER_INPUT and not sent', async () => {
  const gateway = testBackend(orders, { orders: scripted() }, { principal: signedIn({ subject: 'c1' }) });
  const { errors } = await gateway.query(place('c1').replace('"p1"', '"p1", quantity: 101'));
  expect(errors).toMatchObject([
    {
      message: 'Invalid input: input.items[0].quantity must be at most 100.',
      extensions: { code: 'BAD_USER_INPUT', details: { violations: [{ rule: 'max' }] } },
    },
  ]);
  expect(gateway.calls).toEqual([]);
});
