import { batch, defineBackend, rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import type { Call } from '../../../src/upstream/call.ts';
import { type ServedOptions, servedGateway } from './served-gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: modules this small need no generated types
type Any = any;

const Texts = z.record(z.string(), z.string());
const Items = z.array(z.object({ id: z.string(), weight: z.int() }));

const quote = (_root: unknown, _args: unknown, { clients }: Any) =>
  clients.quotes.get('/quote', { response: z.string() });

const textsOf = (upstream: Any, path: string) =>
  batch(
    async (ids: readonly string[]) =>
      new Map(
        Object.entries(Texts.parse(await upstream.get(path, { query: { ids: ids.join(',') }, response: Texts }))),
      ),
  );

/**
 * Limits on root fields, on a mutation, and on a field of items. Every resolver makes a call, so that executions are
 * counted.
 */
const limited: SchemaModule = defineBackend<Any>()({
  name: 'limited',
  typeDefs: {
    file: import.meta.filename,
    text: `
      type Query {
        quote: String @rateLimit(limit: 5, duration: 60)
        other: String @rateLimit(limit: 5, duration: 60)
        wide: String @rateLimit(limit: 50, duration: 60)
        secret: String @authenticated @rateLimit(limit: 2, duration: 60)
        free: String
        echo(text: String! = "a"): String @rateLimit(limit: 2, duration: 60)
        items(first: Int! = 100): [Item!]
      }
      type Mutation { send: String @rateLimit(limit: 5, duration: 60) }
      type Item { id: ID!  weight: Int  price: String @rateLimit(limit: 5, duration: 60) }`,
  },
  upstreams: { quotes: rest() },
  loaders: ({ quotes }: Any) => ({ priceById: textsOf(quotes, '/prices') }),
  merge: { Item: { key: 'id' } },
  resolvers: {
    Query: {
      quote,
      other: quote,
      wide: quote,
      secret: quote,
      free: quote,
      echo: quote,
      items: (_root: unknown, { first }: Any, { clients }: Any) =>
        clients.quotes.get('/items', { query: { first }, response: Items }),
    },
    Mutation: {
      send: (_root: unknown, _args: unknown, { clients }: Any) =>
        clients.quotes.post('/send', { body: {}, response: z.string() }),
    },
    Item: { price: ({ id }: { id: string }, _args: unknown, { loaders }: Any) => loaders.priceById.load(id) },
  },
});

/** Another module's limited fields of the same items: one by key alone, one computed from fields of `limited`. */
const reviews: SchemaModule = defineBackend<Any>()({
  name: 'reviews',
  typeDefs: {
    file: import.meta.filename,
    text: `
      type Item { id: ID!
        rating: String @rateLimit(limit: 5, duration: 60)
        shipping: String @rateLimit(limit: 5, duration: 60) }`,
  },
  upstreams: { ratings: rest() },
  loaders: ({ ratings }: Any) => ({
    ratingById: textsOf(ratings, '/ratings'),
    shippingByWeight: textsOf(ratings, '/shipping'),
  }),
  merge: { Item: { key: 'id', needs: { shipping: ['weight'] } } },
  resolvers: {
    Item: {
      rating: ({ id }: { id: string }, _args: unknown, { loaders }: Any) => loaders.ratingById.load(id),
      shipping: ({ weight }: { weight: number }, _args: unknown, { loaders }: Any) =>
        loaders.shippingByWeight.load(String(weight)),
    },
  },
});

const answer = ({ route, message }: Call): unknown => {
  const url = new URL(message.protocol === 'rest' ? message.target : '/', 'http://upstream.invalid');
  if (route === 'GET /items')
    return Array.from({ length: Number(url.searchParams.get('first')) }, (_, n) => ({ id: `i${n}`, weight: n }));
  const ids = url.searchParams.get('ids');
  return ids === null ? 'an answer' : Object.fromEntries(ids.split(',').map((id) => [id, `of ${id}`]));
};

/** A gateway over both modules. Aliases are limited to 200, so that 100 of them reach the rate limit. */
export const serveLimited = (options: Partial<ServedOptions> = {}) =>
  servedGateway({
    modules: [limited, reviews],
    answer,
    limits: { maxAliases: 200, maxRootFields: 200 },
    ...options,
  });
