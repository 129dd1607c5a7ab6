import DataLoader from 'dataloader';
import type { Calls, CustomerRow, OrderRow, ProductRow, StockRow } from './rows.ts';

/** The part of the shop's graph that the bench asks for, as one schema. */
export const typeDefs = /* GraphQL */ `
  type Query {
    orders(first: Int! = 20, after: ID): [Order!]
    lowStock(below: Int! = 5, first: Int! = 20): [Product!]
  }
  type Order { id: ID!  status: OrderStatus!  customer: Customer  items: [OrderItem!]! }
  enum OrderStatus { PENDING PAID SHIPPED DELIVERED CANCELLED }
  type OrderItem { quantity: Int!  product: Product }
  type Customer { id: ID!  name: String  email: String }
  type Product { id: ID!  name: String  price: Int  stock: Stock }
  type Stock { available: Int!  warehouse: String! }
`;

type Loader<Row> = DataLoader<string, Row | null>;

/** Made anew for every request, as DataLoader wants it. */
export interface Context {
  readonly calls: Calls;
  readonly customers: Loader<CustomerRow>;
  readonly products: Loader<ProductRow>;
  readonly stocks: Loader<StockRow>;
}

/** A loader over one call that gives rows in any order. */
export const loader = <Row>(
  call: (ids: readonly string[]) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): Loader<Row> =>
  new DataLoader(async (ids) => {
    const byId = new Map((await call(ids)).map((row) => [idOf(row), row]));
    return ids.map((id) => byId.get(id) ?? null);
  });

export const contextOf = (calls: Calls): Context => ({
  calls,
  customers: loader(calls.customers, ({ id }) => id),
  products: loader(calls.products, ({ id }) => id),
  stocks: loader(calls.stocks, ({ productId }) => productId),
});

interface Named {
  readonly id: string;
}

interface List {
  readonly first: number;
  readonly after?: string | null;
}

interface Low {
  readonly first: number;
  readonly below: number;
}

export const resolvers = {
  Query: {
    orders: (_root: unknown, { first, after = null }: List, { calls }: Context) => calls.orders(first, after),
    lowStock: async (_root: unknown, { below, first }: Low, { calls }: Context) =>
      (await calls.lowStock(below, first)).map(({ productId }): Named => ({ id: productId })),
  },
  // Whole rows, so that their fields are plain properties: the best case of an executor.
  Order: {
    customer: ({ customerId }: OrderRow, _: unknown, { customers }: Context) => customers.load(customerId),
  },
  OrderItem: {
    product: ({ productId }: OrderRow['items'][number], _: unknown, { products }: Context) => products.load(productId),
  },
  Product: {
    stock: ({ id }: Named, _: unknown, { stocks }: Context) => stocks.load(id),
  },
};
