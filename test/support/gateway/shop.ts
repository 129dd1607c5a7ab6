import { defineBackend, rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import { type ServedOptions, servedGateway } from './served-gateway.ts';

export const SHOP = `
  type Query {
    node: Node
    product(id: ID!): Product
    products(first: Int! = 3, status: Status, filter: Filter): [Product!]
  }
  type Mutation { count(by: Int!): Int }
  type Node { self: Node  pair(x: Int, y: Int): Node  name: String }
  type Product { id: ID!  name: String }
  enum Status { ACTIVE RETIRED }
  input Filter { text: String  ids: [ID!] }
`;

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const shop: SchemaModule = defineBackend<any>()({
  name: 'shop',
  typeDefs: { file: import.meta.filename, text: SHOP },
  upstreams: { products: rest() },
  merge: { Product: { key: 'id' } },
  resolvers: {
    Query: {
      // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
      node: (_root: unknown, _args: unknown, { clients }: any) => clients.products.get('/node', { response: z.null() }),
      // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
      products: (_root: unknown, _args: unknown, { clients }: any) =>
        clients.products.get('/products', { response: z.null() }),
      product: (_root: unknown, { id }: { id: string }) => ({ id, name: `Product ${id}` }),
    },
    Mutation: { count: (_root: unknown, { by }: { by: number }) => by },
  },
});

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const stock: SchemaModule = defineBackend<any>()({
  name: 'stock',
  typeDefs: {
    file: import.meta.filename,
    text: 'type Product { id: ID!  place: Place }  type Place { shelf: String }',
  },
  merge: { Product: { key: 'id' } },
  resolvers: { Product: { place: ({ id }: { id: string }) => ({ shelf: `Shelf ${id}` }) } },
});

export const serveShop = (options: Partial<ServedOptions> = {}) =>
  servedGateway({ modules: [shop, stock], ...options });

export const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

/** Fields nested this deep, the leaf included. */
export const deep = (levels: number): string =>
  `{ node ${'{ self '.repeat(levels - 2)}{ name }${' }'.repeat(levels - 2)} }`;

/** Fragments each of which spreads the next one twice: 2^count selections. */
export const doubling = (count: number): string =>
  `{ node { ...F0 } } ${times(count, (n) => `fragment F${n} on Node { a: self { ...F${n + 1} } b: self { ...F${n + 1} } }`)}
   fragment F${count} on Node { name }`;

/** The same without nesting or aliases, so that only their number is over a limit. */
export const flatDoubling = (count: number): string =>
  `{ node { ...F0 } } ${times(count, (n) => `fragment F${n} on Node { ...F${n + 1} ... { ...F${n + 1} } }`)}
   fragment F${count} on Node { name }`;
