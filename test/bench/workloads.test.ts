import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { manyOperations } from '../../bench/workloads/many-operations.ts';
import { orderPage, orderPageRest } from '../../bench/workloads/order-page.ts';
import { grpcOnly, largePage, list, nothing } from '../../bench/workloads/simple.ts';
import { canonical, type Workload } from '../../bench/workloads/workload.ts';

const schema = buildSchema(`
  type Query { orders(first: Int!, after: ID): [Order!]  lowStock(below: Int!, first: Int!): [Product!] }
  type Order { id: ID!  status: String!  customer: Customer  items: [OrderItem!]! }
  type OrderItem { quantity: Int!  product: Product }
  type Customer { id: ID!  name: String  email: String }
  type Product { id: ID!  name: String  price: Int  stock: Stock }
  type Stock { available: Int!  warehouse: String! }
`);

const ALL: readonly Workload[] = [orderPage, orderPageRest, nothing, list, grpcOnly, largePage, manyOperations(10)];

test.each(ALL)('every document of "$title" is valid, and no two requests are the same', ({ asked }) => {
  for (const query of new Set(asked.map((one) => one.query))) expect(validate(schema, parse(query))).toEqual([]);
  expect(new Set(asked.map(({ query, variables }) => query + JSON.stringify(variables))).size).toBe(asked.length);
});

test('one request in ten has a unique document', () => {
  const { asked, fresh } = manyOperations(10);
  const query = asked[0]?.query ?? '';
  const texts = Array.from({ length: 100 }, (_, sequence) => fresh?.(query, sequence) ?? query);
  expect(new Set(texts).size).toBe(11);
  for (const text of texts) expect(validate(schema, parse(text))).toEqual([]);
});

test('answers that differ in the order of keys only are equal', () => {
  expect(canonical({ b: [{ d: 1, c: null }], a: 'x' })).toBe(canonical({ a: 'x', b: [{ c: null, d: 1 }] }));
  expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
});
