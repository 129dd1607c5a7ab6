import { getIntrospectionQuery, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { customerRow, expectedOrders, ordersOf, productRow } from '../support/gateway/expected-page.ts';
import { SHOP, startShop } from '../support/gateway/gateway.ts';

/** Names with one leading underscore; GraphQL's own have two. */
const HIDDEN = /\b_(?!_)\w+/g;

test('the printed schema has none of the gateway’s internal names', () => {
  const { schema } = buildGateway({ modules: SHOP, connect: () => () => Promise.reject(new Error('not connected')) });
  expect(printSchema(schema).match(HIDDEN)).toBeNull();
  expect(printSchema(schema)).toMatch(/type Product \{[^}]*deliveryDays/s);
});

test('introspection shows none of the gateway’s internal names', async () => {
  await using shop = await startShop({ env: { INTROSPECTION: 'on' } });
  const { text, errors } = await shop.query(getIntrospectionQuery());
  expect(errors).toEqual([]);
  expect(text.match(HIDDEN)).toBeNull();
  expect(text).toContain('"deliveryDays"');
  expect((await shop.query('{ __type(name: "_Key") { name } }')).data).toEqual({ __type: null });
});

const REFUSED = [
  '{ _catalog_Product(keys: ["p1"]) { id } }',
  '{ _inventory_Product(keys: [{ id: "p1" }]) { id } }',
  '{ _inventory_Product_computed(keys: [{ id: "p1", weight: 1 }]) { id } }',
  '{ _accounts_Customer(keys: [{ id: "c1" }]) { id } }',
  '{ _accounts_alive }',
  '{ product(id: "p1") { _key_id } }',
  '{ product(id: "p1") { stock { available } _key_weight } }',
  'query ($key: _Key) { product(id: "p1") { name } }',
  '{ product(id: "p1") { id: _key_id } }',
];

const RESERVED_ALIASES = ['_key_id', '_key_', '__typename', '__proto__', '__anything', 'constructor', 'prototype'];
const ALIASED = RESERVED_ALIASES.flatMap((alias) => [
  `{ product(id: "p1") { ${alias}: name } }`,
  `{ ${alias}: product(id: "p1") { name } }`,
  `{ orders(first: 1) { ...F } } fragment F on Order { items { product { ... { ${alias}: name stock { available } } } } }`,
]);

test('internal names and reserved aliases are rejected without a call', async () => {
  await using shop = await startShop();
  for (const document of [...REFUSED, ...ALIASED]) {
    const { status, data, errors } = await shop.query(document);
    expect(status, document).toBe(400);
    expect(data, document).toBeUndefined();
    expect(errors.length, document).toBeGreaterThan(0);
    for (const { extensions } of errors) expect(extensions.code, document).toBe('GRAPHQL_VALIDATION_FAILED');
  }
  expect(await shop.calls()).toEqual({ accounts: [], catalog: [], orders: [], inventory: [] });
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('name');
  expect('product' in {}).toBe(false);
});

test('fields aliased to other field names, keys among them, are joined by the real keys', async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query(`{
    orders(first: 5) {
      id: status
      customer { id: name name: email email: id orders: since since: orders(first: 1) { id: status } }
      items { product { id: name name: id weight: price price: weight stock { warehouse: available } } }
    }
  }`);
  const rows = expectedOrders(5).map(({ status, customer, items }) => ({
    id: status,
    customer: {
      id: customer.name,
      name: customer.email,
      email: customer.id,
      orders: customerRow(customer.id).since,
      since: ordersOf(customer.id, 1).map((order) => ({ id: order.status })),
    },
    items: items.map(({ product: { id } }) => {
      const { name, price, weight, stock } = productRow(id);
      return {
        product: { id: name, name: id, weight: price, price: weight, stock: stock && { warehouse: stock.available } },
      };
    }),
  }));
  expect(errors).toEqual([]);
  expect(data).toEqual({ orders: rows });
});

const NAMES_OF_OBJECTS =
  'then toString toLocaleString toJSON valueOf hasOwnProperty isPrototypeOf catch length path message data errors extensions stack name id key keys map next return throw originalError'.split(
    ' ',
  );

test('aliases that are JavaScript names have no special meaning', async () => {
  await using shop = await startShop();
  for (const alias of NAMES_OF_OBJECTS) {
    const { data, errors } = await shop.query(
      `{ ${alias}: product(id: "p1") { ${alias}: name stock { ${alias}: available } } orders(first: 1) { ${alias}: customer { ${alias}: name } } }`,
    );
    const { name, stock } = productRow('p1');
    expect({ alias, errors, data }).toEqual({
      alias,
      errors: [],
      data: {
        [alias]: { [alias]: name, stock: stock && { [alias]: stock.available } },
        orders: expectedOrders(1).map(({ customer }) => ({ [alias]: { [alias]: customer.name } })),
      },
    });
  }
});

const C1 = customerRow('c1');
const P1 = productRow('p1');
const STOCK = P1.stock ?? { available: -1, warehouse: 'unknown' };
const product = (selection: string) => `{ product(id: "p1") { ${selection} } }`;

interface Conditional {
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

const CONDITIONS: Readonly<Record<string, Conditional>> = {
  'a field excluded once and selected once': {
    document: '{ customer(id: "c1") { email @include(if: false) email } }',
    data: { customer: { email: C1.email } },
  },
  'a field selected once and skipped once': {
    document: '{ customer(id: "c1") { email email @skip(if: true) } }',
    data: { customer: { email: C1.email } },
  },
  'a default that excludes a field': {
    document: 'query ($full: Boolean = false) { customer(id: "c1") { id email @include(if: $full) } }',
    data: { customer: { id: 'c1' } },
  },
  'a default overridden by a variable': {
    document: 'query ($full: Boolean! = false) { customer(id: "c1") { id email @include(if: $full) } }',
    variables: { full: true },
    data: { customer: { id: 'c1', email: C1.email } },
  },
  'both directives, one of which excludes the field': {
    document: '{ customer(id: "c1") { id email @include(if: true) @skip(if: true) } }',
    data: { customer: { id: 'c1' } },
  },
  'a fragment excluded once and spread once': {
    document: '{ customer(id: "c1") { ...F @include(if: false) ...F } } fragment F on Customer { name email }',
    data: { customer: { name: C1.name, email: C1.email } },
  },
  'a condition inside a fragment, by variable': {
    document:
      'query ($no: Boolean! = true) { customer(id: "c1") { ...F } } fragment F on Customer { name email @skip(if: $no) }',
    data: { customer: { name: C1.name } },
  },
  'an inline fragment that is skipped': {
    document: '{ customer(id: "c1") { ... @skip(if: true) { email } ... on Customer @include(if: true) { name } } }',
    data: { customer: { name: C1.name } },
  },
  'a joined object with a condition and without one': {
    document: product('stock @include(if: false) { available } stock { warehouse }'),
    data: { product: { stock: { warehouse: STOCK.warehouse } } },
  },
  'a joined field selected twice with different subfields': {
    document: product('stock @include(if: true) { available } stock { warehouse }'),
    data: { product: { stock: { available: STOCK.available, warehouse: STOCK.warehouse } } },
  },
  'a root field': {
    document: '{ customer(id: "c1") @skip(if: true) { id } product(id: "p1") { id } }',
    data: { product: { id: 'p1' } },
  },
  'all fields of an object': {
    document: '{ customer(id: "c1") { name @include(if: false) } }',
    data: { customer: {} },
  },
  'all fields of a joined object': {
    document: product('name stock { available @skip(if: true) }'),
    data: { product: { name: P1.name, stock: {} } },
  },
  'all fields of a list': { document: '{ orders(first: 2) { id @skip(if: true) } }', data: { orders: [{}, {}] } },
  'the whole operation': { document: '{ customer(id: "c1") @skip(if: true) { id } }', data: {} },
};

for (const [what, { document, variables, data }] of Object.entries(CONDITIONS))
  test(`@skip and @include decide about ${what}`, async () => {
    await using shop = await startShop();
    const answer = await shop.query(document, variables);
    expect({ status: answer.status, errors: answer.errors, data: answer.data }).toEqual({
      status: 200,
      errors: [],
      data,
    });
  });

test('no call is made for a field that a condition excludes', async () => {
  await using shop = await startShop();
  await shop.query(
    'query ($stock: Boolean!) { orders(first: 3) { customer { name @skip(if: true) } items { product { name stock @include(if: $stock) { available } } } } }',
    { stock: false },
  );
  const { accounts, catalog, orders, inventory } = await shop.calls();
  expect([accounts, catalog, orders, inventory].map(({ length }) => length)).toEqual([0, 1, 1, 0]);
});

test('__typename is correct at every level', async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query(`{
    __typename
    orders(first: 1) {
      __typename
      customer { kind: __typename name orders(first: 1) { __typename } }
      items { __typename product { __typename stock { __typename available } } }
    }
    searchProducts(first: 1) { __typename edges { __typename node { __typename inStock } } pageInfo { __typename } }
    page: customers(first: 1) { __typename nodes { __typename orders(first: 1) { items { product { __typename } } } } }
  }`);
  expect(errors).toEqual([]);
  const [row] = expectedOrders(1);
  const items = row?.items.map(({ product: { stock } }) => ({
    __typename: 'OrderItem',
    product: { __typename: 'Product', stock: stock && { __typename: 'Stock', ...stock } },
  }));
  expect(data).toMatchObject({
    __typename: 'Query',
    orders: [{ __typename: 'Order', customer: { kind: 'Customer', orders: [{ __typename: 'Order' }] }, items }],
    searchProducts: {
      __typename: 'ProductConnection',
      edges: [{ __typename: 'ProductEdge', node: { __typename: 'Product' } }],
      pageInfo: { __typename: 'PageInfo' },
    },
    page: {
      __typename: 'CustomerPage',
      nodes: [{ __typename: 'Customer', orders: [{ items: Array(3).fill({ product: { __typename: 'Product' } }) }] }],
    },
  });
});
