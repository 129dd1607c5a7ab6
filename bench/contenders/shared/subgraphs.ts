import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { Calls, OrderRow } from './rows.ts';

interface Keys {
  readonly ids: readonly string[];
}

interface List {
  readonly first: number;
  readonly after?: string | null;
}

interface Low {
  readonly first: number;
  readonly below: number;
}

/** Rows in the order of the ids, as batched type merging requires; an unknown row has its id only. */
const inOrder = <Row extends object>(ids: readonly string[], rows: readonly Row[], idOf: (row: Row) => string) => {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return ids.map((id) => ({ ...byId.get(id), id }));
};

const orders = (calls: Calls) =>
  makeExecutableSchema({
    typeDefs: /* GraphQL */ `
      type Query { orders(first: Int! = 20, after: ID): [Order!] }
      type Order { id: ID!  status: OrderStatus!  customer: Customer  items: [OrderItem!]! }
      enum OrderStatus { PENDING PAID SHIPPED DELIVERED CANCELLED }
      type OrderItem { quantity: Int!  product: Product }
      type Customer { id: ID! }
      type Product { id: ID! }
    `,
    resolvers: {
      Query: { orders: (_: unknown, { first, after = null }: List) => calls.orders(first, after) },
      Order: { customer: ({ customerId }: OrderRow) => ({ id: customerId }) },
      OrderItem: { product: ({ productId }: OrderRow['items'][number]) => ({ id: productId }) },
    },
  });

const accounts = (calls: Calls) =>
  makeExecutableSchema({
    typeDefs: /* GraphQL */ `
      type Query { customersByIds(ids: [ID!]!): [Customer]! }
      type Customer { id: ID!  name: String  email: String }
    `,
    resolvers: {
      Query: {
        customersByIds: async (_: unknown, { ids }: Keys) => inOrder(ids, await calls.customers(ids), ({ id }) => id),
      },
    },
  });

const catalog = (calls: Calls) =>
  makeExecutableSchema({
    typeDefs: /* GraphQL */ `
      type Query { productsByIds(ids: [ID!]!): [Product]! }
      type Product { id: ID!  name: String  price: Int }
    `,
    resolvers: {
      Query: {
        productsByIds: async (_: unknown, { ids }: Keys) => inOrder(ids, await calls.products(ids), ({ id }) => id),
      },
    },
  });

const inventory = (calls: Calls) =>
  makeExecutableSchema({
    typeDefs: /* GraphQL */ `
      type Query {
        productsByIds(ids: [ID!]!): [Product]!
        lowStock(below: Int! = 5, first: Int! = 20): [Product!]
      }
      type Product { id: ID!  stock: Stock }
      type Stock { available: Int!  warehouse: String! }
    `,
    resolvers: {
      Query: {
        productsByIds: async (_: unknown, { ids }: Keys) => {
          const stocks = await calls.stocks(ids);
          return inOrder(
            ids,
            stocks.map((stock) => ({ id: stock.productId, stock })),
            ({ id }) => id,
          );
        },
        lowStock: async (_: unknown, { below, first }: Low) => {
          const ids = (await calls.lowStock(below, first)).map(({ productId }) => productId);
          const byId = new Map((await calls.stocks(ids)).map((stock) => [stock.productId, stock]));
          return ids.map((id) => ({ id, stock: byId.get(id) ?? null }));
        },
      },
    },
  });

export const SUBGRAPHS = ['orders', 'accounts', 'catalog', 'inventory'] as const;

/** The shop's four modules as executable schemas, each with one batched entry point for what it adds to a type of another. */
export const subgraphsOver = (calls: Calls): Readonly<Record<(typeof SUBGRAPHS)[number], GraphQLSchema>> => ({
  orders: orders(calls),
  accounts: accounts(calls),
  catalog: catalog(calls),
  inventory: inventory(calls),
});
