import { badInput, batch, byKey, defineBackend, rest, sdl } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const MAX_PAGE_SIZE = 100;

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
  items: z.array(z.object({ cursor: z.string(), product: Product })),
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
      searchProducts: async (_root, { text, category, first, after }, { clients }) => {
        if (first < 1 || first > MAX_PAGE_SIZE) return badInput(`first must be between 1 and ${MAX_PAGE_SIZE}.`);
        const found = await clients.products.get('/products/search', {
          query: { text, category, limit: first, after },
          response: Found,
        });
        return {
          edges: found.items.map(({ cursor, product }) => ({ cursor, node: product })),
          nodes: found.items.map(({ product }) => product),
          pageInfo: {
            hasNextPage: found.hasNext,
            hasPreviousPage: after !== null && after !== undefined,
            startCursor: found.items[0]?.cursor ?? null,
            endCursor: found.items.at(-1)?.cursor ?? null,
          },
          totalCount: found.total,
        };
      },
    },
  },
});
