import { rest } from 'tributary/backend';
import { z } from 'zod';
import { define, typeDefs } from '../../support/modules/small-modules.ts';

/** A module with a field for each kind of result. `slow` receives a function for each operation that waits. */
export const edgeModule = (slow: (() => void)[]) =>
  define({
    name: 'edge',
    typeDefs: typeDefs(`
      type Query {
        hello: String
        echo(text: String!): String
        level(of: Int): Int
        slow: String
        broken: Int
        needed: Int!
        long(times: Int!): String
        limited: Int @rateLimit(limit: 20, duration: 60)
        kept: Int @cacheControl(maxAge: 60)
        own: Int @authenticated
      }
      type Mutation { reserve: Int }
    `),
    upstreams: { shelf: rest() },
    resolvers: {
      Query: {
        hello: () => 'world',
        echo: (_root, { text }) => text,
        level: (_root, { of }, { clients }) => clients.shelf.get('/level', { query: { of }, response: z.int() }),
        slow: () => new Promise((resolve) => slow.push(() => resolve('at last'))),
        broken: () => {
          throw new TypeError('secret');
        },
        needed: () => null,
        long: (_root, { times }) => 'long '.repeat(times),
        limited: () => 1,
        kept: () => 2,
        own: () => 3,
      },
      Mutation: {
        reserve: (_root, _args, { clients }) => clients.shelf.post('/reservations', { body: {}, response: z.int() }),
      },
    },
  });
