import { GraphQLError } from 'graphql';
import { loaded, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { productRow } from '../support/gateway/expected-page.ts';
import { ADMIN, errorsOf, expectErrorsAtNulls, startGateway, startShop } from '../support/gateway/gateway.ts';
import { plain } from '../support/modules/small-modules.ts';

const SECRET = 'hunter2';

/** Values that a careless module, or a library within it, may throw. */
const THROWN: Readonly<Record<string, unknown>> = {
  noContent: new GraphQLError(SECRET, { extensions: { http: { status: 204 }, code: SECRET } }),
  redirect: new GraphQLError(SECRET, {
    extensions: { http: { status: 302, headers: new Map([['location', `https://${SECRET}.example`]]) } },
  }),
  nonsense: new GraphQLError(SECRET, { extensions: { http: { status: 42 } } }),
  failed: new GraphQLError(SECRET, { extensions: { http: { status: 500 }, stacktrace: [SECRET], requestId: SECRET } }),
  coded: Object.assign(new Error(SECRET), {
    code: 'ECONNREFUSED',
    extensions: { code: 'UNAUTHENTICATED', [SECRET]: 1 },
  }),
  located: new GraphQLError(SECRET, { path: [SECRET, 7], extensions: { code: 'FORBIDDEN' } }),
  text: SECRET,
  nothing: undefined,
  nullish: null,
  object: { message: SECRET, extensions: { code: SECRET } },
  several: new AggregateError([new Error(SECRET), new Error('other')], SECRET),
  noErrors: new AggregateError([], SECRET),
};

/** Every place in which a module can throw. */
const throwers = (error: unknown): readonly SchemaModule[] => {
  const fail = () => {
    throw error;
  };
  const loaders = () => ({ failing: { load: fail, keyOf: String, maxSize: 100 } });
  return [
    plain(
      'owner',
      'type Query { root: Row list: [Row!]! } type Row { id: ID! thrown: Int returned: Int loaded: Int }',
      {
        loaders,
        merge: { Row: { key: 'id' } },
        resolvers: {
          Query: { root: fail, list: () => [{ id: '1' }, { id: '2' }] },
          Row: { thrown: fail, returned: () => error, loaded: loaded('failing', 'id') },
        },
      },
    ),
    plain('resolver', 'type Row { id: ID! joined: Int }', {
      merge: { Row: { key: 'id' } },
      resolvers: { Row: { joined: fail } },
    }),
    plain('loader', 'type Row { id: ID! found: Int }', {
      loaders,
      merge: { Row: { key: 'id', load: 'failing' } },
    }),
  ];
};

for (const [what, error] of Object.entries(THROWN))
  test(`an unexpected error reveals nothing to the client, wherever it is thrown: ${what}`, async () => {
    await using gateway = await startGateway({}, throwers(error));
    const fields = ['thrown', 'loaded', 'joined', 'found', ...(error instanceof Error ? ['returned'] : [])];
    const answer = await gateway.query(`{ root { id } list { id ${fields.join(' ')} } }`);
    expect(answer.status).toBe(200);
    const nulls = Object.fromEntries(fields.map((field) => [field, null]));
    expect(answer.data).toEqual({ root: null, list: ['1', '2'].map((id) => ({ id, ...nulls })) });
    const paths = ['root', ...fields.flatMap((field) => [`list.0.${field}`, `list.1.${field}`])];
    expect(errorsOf(answer)).toEqual(paths.map((path) => `${path} INTERNAL_SERVER_ERROR`).sort());
    for (const { message, extensions } of answer.errors) {
      expect(message).toBe('Internal server error');
      expect(Object.keys(extensions).sort()).toEqual(['code', 'requestId']);
    }
    expect(answer.text).not.toContain(SECRET);
    expectErrorsAtNulls(answer);
  });

test('headers in an error’s extensions do not become response headers', async () => {
  await using gateway = await startGateway({}, throwers(THROWN.redirect));
  const response = await fetch(gateway.url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ root { id } }' }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('location')).toBeNull();
  expect(JSON.stringify([...response.headers])).not.toContain(SECRET);
});

test('without catalog, a field computed from its data is an error, and data of inventory is answered', async () => {
  await using shop = await startShop();
  const { data: whole } = await shop.query('{ lowStock(first: 3) { id } }');
  await shop.end('catalog');
  const answer = await shop.query('{ lowStock(first: 3) { id inStock stock { available } deliveryDays } }');
  const ids = JSON.stringify(whole).match(/p\d+/g) ?? [];
  expect(ids).toHaveLength(3);
  expect(answer.data).toEqual({
    lowStock: ids.map((id) => {
      const available = productRow(id).stock?.available ?? -1;
      return { id, inStock: available > 0, stock: { available }, deliveryDays: null };
    }),
  });
  expect(errorsOf(answer)).toEqual([0, 1, 2].map((at) => `lowStock.${at}.deliveryDays SERVICE_UNAVAILABLE`));
});

test('an id that is too long for a call fails alone, not with the other ids of its batch', async () => {
  await using shop = await startShop();
  const answer = await shop.query(
    'query ($long: ID!) { one: customer(id: "c1") { id } long: customer(id: $long) { id } two: customer(id: "c2") { id } }',
    { long: 'x'.repeat(9_000) },
  );
  expect(answer.data).toEqual({ one: { id: 'c1' }, long: null, two: { id: 'c2' } });
  expect(errorsOf(answer)).toEqual(['long BAD_USER_INPUT']);
});

test('each root field of a mutation sees the effects of those before it', async () => {
  await using shop = await startShop();
  const place = (id: string, quantity: number) =>
    `placeOrder(input: { customerId: "c1", items: [{ productId: "p1", quantity: ${quantity} }], clientMutationId: "${id}" })
       { order { id customer { name orders(first: 2) { id status } } items { quantity product { stock { available } } } } }`;
  const reserve = (id: string) =>
    `reserveStock(input: { productId: "p1", quantity: 1, clientMutationId: "${id}" }) { product { id stock { available } } }`;
  const { data, errors } = await shop.query(
    `mutation {
    first: ${place('m1', 1)}
    taken: ${reserve('m2')}
    second: ${place('m3', 2)}
    cancelled: cancelOrder(input: { orderId: "o5001" }) { order { customer { orders(first: 2) { id status } } } }
    again: ${reserve('m4')}
  }`,
    {},
    ADMIN,
  );
  expect(errors).toEqual([]);
  const before = productRow('p1').stock?.available ?? 0;
  expect(before).toBeGreaterThan(2);
  const stock = (less: number) => ({ available: before - less });
  const orders = (...rows: readonly string[]) =>
    rows.map((row) => row.split(' ')).map(([id, status = expect.any(String)]) => ({ id, status }));
  expect(data).toMatchObject({
    first: {
      order: {
        id: 'o5001',
        customer: { orders: [{ id: 'o5001' }, {}] },
        items: [{ quantity: 1, product: { stock: stock(0) } }],
      },
    },
    taken: { product: { id: 'p1', stock: stock(1) } },
    second: {
      order: {
        id: 'o5002',
        customer: { orders: orders('o5002 PENDING', 'o5001 PENDING') },
        items: [{ quantity: 2, product: { stock: stock(1) } }],
      },
    },
    cancelled: { order: { customer: { orders: orders('o5002 PENDING', 'o5001 CANCELLED') } } },
    again: { product: { stock: stock(2) } },
  });
  const calls = await shop.calls();
  expect(calls.orders.map(({ route }) => route)).toEqual([
    'POST /orders',
    'GET /orders',
    'POST /orders',
    'GET /orders',
    'GET /orders/{id}', // the order's customer decides on the permission to cancel
    'POST /orders/{id}/cancel',
    'GET /orders',
  ]);
});

test('a failing mutation does not stop the ones after it, which run in order', async () => {
  await using shop = await startShop();
  const answer = await shop.query(
    `mutation {
    wrong: placeOrder(input: { customerId: "c1", items: [{ productId: "p0" }], clientMutationId: "m1" }) { order { id } }
    right: placeOrder(input: { customerId: "c1", items: [{ productId: "p1" }], clientMutationId: "m2" }) { order { id } }
    late: cancelOrder(input: { orderId: "o1" }) { order { id } }
  }`,
    {},
    ADMIN,
  );
  expect(answer.data).toEqual({ wrong: null, right: { order: { id: 'o5001' } }, late: null });
  expect(errorsOf(answer)).toEqual(['late ORDER_NOT_CANCELLABLE', 'wrong UNKNOWN_PRODUCT']);
});
