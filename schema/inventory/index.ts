import { badInput, batch, byKey, defineBackend, fail, grpc, loaded, sdl } from 'tributary/backend';
import type { Schema } from './schema.generated.ts';

const MAX_PAGE_SIZE = 100;
const HEAVY_GRAMS = 20_000;

/** Stock of the warehouses, over gRPC. */
export default defineBackend<Schema>()({
  name: 'inventory',
  typeDefs: sdl(import.meta.url),

  errors: { OUT_OF_STOCK: 'There are not enough units of this product.' },

  upstreams: {
    stock: grpc({ proto: './inventory.proto', service: 'inventory.v1.Inventory' }),
  },

  loaders: ({ stock }) => ({
    stockById: batch(
      async (productIds: readonly string[]) => byKey((await stock.batchGetStock({ productIds })).stocks, 'productId'),
      { maxSize: 1_500 },
    ),
  }),

  merge: {
    Product: { key: 'id', needs: { deliveryDays: ['weight'] } },
  },

  resolvers: {
    Query: {
      lowStock: async (_root, { below, first }, { clients }) => {
        if (first < 0 || first > MAX_PAGE_SIZE) return badInput(`first must be between 0 and ${MAX_PAGE_SIZE}.`);
        const { stocks } = await clients.stock.listLowStock({ below, limit: first });
        return stocks.map(({ productId }) => ({ id: productId }));
      },
    },
    Mutation: {
      reserveStock: async (_root, { input: { productId, quantity, clientMutationId } }, { clients, scopedKey }) => {
        const answer = await clients.stock.reserve(
          // The service detects repetitions by this field alone, so it must differ between customers.
          { productId, quantity, requestId: scopedKey(clientMutationId) },
          { idempotencyKey: clientMutationId },
        );
        if (!answer.reserved) return fail('OUT_OF_STOCK', { available: answer.available });
        return { reservationId: answer.reservationId, product: { id: productId } };
      },
    },
    Product: {
      stock: loaded('stockById', 'id'),
      inStock: loaded('stockById', 'id', (stock) => (stock?.available ?? 0) > 0),
      deliveryDays: ({ weight }) => (weight === null ? null : weight > HEAVY_GRAMS ? 5 : 2),
    },
  },
});
