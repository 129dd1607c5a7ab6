import { batch, byKey, connection, defineBackend, rest, sdl } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const Product = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  price: z.int(),
  currency: z.string(),
  weight: z.int().nullable(),
});

const Products = z.array(Product);
const Found = z.object({
  items: z.array(
    z.object({ cursor: z.string(), product: Product }).transform(({ cursor, product }) => ({ ...product, cursor })),
  ),
  total: z.int(),
  hasNext: z.boolean(),
});

/** Products for sale, over REST. */
export default defineBackend<Schema>()({
  name: 'catalog',
  typeDefs: sdl(import.meta.url),

  upstreams: {
    products: rest({ health: { path: '/health' }, maxUrlLength: 16_000 }),
  },

  loaders: ({ products }) => ({
    productById: batch(
      async (ids: readonly string[]) =>
        byKey(await products.get('/products', { query: { ids: ids.join(',') }, response: Products }), 'id'),
      { maxSize: 1_500 },
    ),
  }),

  merge: {
    Product: { key: 'id', load: 'productById' },
  },

  resolvers: {
    Query: {
      product: (_root, { id }, { loaders }) => loaders.productById.load(id),
      searchProducts: (_root, { text, category, ...args }, { clients }) =>
        connection({
          style: 'cursor',
          isOpaque: true,
          args,
          fetch: async ({ limit, after }) => {
            const query = { text, category, limit, after };
            const { items, total, hasNext } = await clients.products.get('/products/search', {
              query,
              response: Found,
            });
            return { rows: items, total, hasMore: hasNext };
          },
          cursor: ({ cursor }) => cursor,
        }),
    },
  },
});
