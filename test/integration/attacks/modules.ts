import { rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import { SHOP } from '../../support/gateway/shop.ts';
import { define, plain, typeDefs } from '../../support/modules/small-modules.ts';

const TEXT = { response: z.string().nullable() };
const NODE = { response: z.object({ name: z.string() }) };

/** A module with a field of every kind. */
const shop = define({
  name: 'shop',
  typeDefs: typeDefs(`${SHOP} extend type Query { level(of: Level, at: Int): Int  tree: Branch }
    type Branch { many: [Branch!]  leaf: Int }
    input Level { next: Level  n: Int }`),
  upstreams: { products: rest() },
  merge: { Product: { key: 'id' } },
  resolvers: {
    Query: {
      node: (_root, _args, { clients }) => clients.products.get('/node', NODE),
      products: (_root, _args, { clients }) => clients.products.get('/products', { response: z.null() }),
      product: (_root, { id }) => ({ id, name: `Product ${id}` }),
      level: (_root, { at }) => at ?? null,
      tree: () => ({}),
    },
    Mutation: { count: (_root, { by }) => by },
    Branch: { many: () => Array.from({ length: 100 }, () => ({})), leaf: () => 1 },
  },
});

const stock = plain('stock', 'type Product { id: ID!  place: Place }  type Place { shelf: String }', {
  merge: { Product: { key: 'id' } },
  resolvers: { Product: { place: (row) => ({ shelf: `Shelf ${Reflect.get(Object(row), 'id')}` }) } },
});

/** A module that puts client input into every part of an upstream call. */
const door = define({
  name: 'door',
  typeDefs: typeDefs(`
    type Query {
      byId(id: ID!): String
      found(text: String!): String
      forwarded(text: String!): String
      claimed: String
      plain: String
      away: String
      aboutClient: String
      hello: String
      echo(text: String!): String
      slow: String
      login(password: String!): String @rateLimit(limit: 5, duration: 60)
      door: String @rateLimit(limit: 5, duration: 60)
    }`),
  upstreams: {
    open: rest(),
    forwarded: rest({ forward: { identity: 'token', client: true, headers: ['accept-language', 'x-tenant'] } }),
    client: rest({
      forward: { client: ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded'], certificate: true },
    }),
    slow: rest({ timeoutMs: 60_000 }),
  },
  resolvers: {
    Query: {
      byId: (_root, { id }, { clients }) => clients.open.get('/things/{id}/parts', { path: { id }, ...TEXT }),
      found: (_root, { text }, { clients }) => clients.open.get('/things', { query: { text }, ...TEXT }),
      forwarded: (_root, { text }, { clients }) =>
        clients.open.get('/things', { headers: { 'x-text': text }, ...TEXT }),
      claimed: (_root, _args, { clients, principal }) =>
        clients.open.get('/things', {
          headers: { 'x-user': principal.kind === 'user' ? principal.subject : '' },
          ...TEXT,
        }),
      plain: (_root, _args, { clients }) => clients.forwarded.get('/plain', TEXT),
      away: (_root, _args, { clients }) => clients.forwarded.get('/away', TEXT),
      aboutClient: (_root, _args, { clients }) => clients.client.get('/things', TEXT),
      hello: () => 'world',
      echo: (_root, { text }) => text,
      slow: (_root, _args, { clients }) => clients.slow.get('/slow', TEXT),
      login: () => 'wrong',
      door: () => 'open',
    },
  },
});

export const MODULES: readonly SchemaModule[] = [shop, stock, door];
