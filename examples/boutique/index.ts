import { defineBackend, each, entries, grpc, loaded, moneyAmount, oneofRow, sdl } from 'tributary/backend';
import type { CurrencyConversionRequestMessageInit, MessageRows, Schema } from './schema.generated.ts';

/** A service of the shop. All services report failures as INTERNAL, with the reason in the message only. */
const service = <const Name extends string>(name: Name, reads: readonly string[]) =>
  grpc({
    proto: './boutique.proto',
    service: `boutique.v1.${name}Service`,
    reads,
    errors: ({ body: { message } }) =>
      /^no product/.test(message) ? { code: 'NOT_FOUND' } : /card/.test(message) ? { code: 'CONFLICT' } : undefined,
  });

/** A shop of small services, over gRPC. A userId is the id of a session, which cannot be guessed. */
export default defineBackend<Schema<MessageRows>>()({
  name: 'boutique',
  typeDefs: sdl(import.meta.url),
  upstreams: {
    catalog: service('ProductCatalog', ['*']),
    recommendations: service('Recommendation', ['*']),
    currency: service('Currency', ['*']),
    carts: service('Cart', ['Get*']),
    shipping: service('Shipping', ['*']),
    checkout: service('Checkout', ['List*']),
  },
  loaders: ({ catalog, recommendations, currency }) => ({
    productById: each((id: string) => catalog.getProduct({ id }), { concurrency: 8 }),
    related: each((id: string) => recommendations.listRecommendations({ productIds: [id] }), { concurrency: 8 }),
    converted: each((price: CurrencyConversionRequestMessageInit) => currency.convert(price), { key: JSON.stringify }),
  }),
  merge: { Product: { key: 'id', load: 'productById' } },
  resolvers: {
    Query: {
      product: (_root, { id }, { loaders }) => loaders.productById.load(id),
      products: async (_root, { query }, { clients }) => (await clients.catalog.searchProducts({ query })).results,
      cart: (_root, { userId }, { clients }) => clients.carts.getCart({ userId }),
      orders: async (_root, args, { clients }) => (await clients.checkout.listOrders(args)).orders,
    },
    Mutation: {
      addToCart: async (_root, { userId, ...item }, { clients: { carts } }) => {
        await carts.addItem({ userId, item });
        return carts.getCart({ userId });
      },
      placeOrder: (_root, { to, ...order }, { clients }) => clients.checkout.placeOrder({ ...order, ...to }),
    },
    Product: {
      price: ({ priceUsd: from }, { currency: toCode }, { loaders }) =>
        from === null || from.currencyCode === toCode ? from : loaders.converted.load({ from, toCode }),
      attributes: ({ attributes }) => entries(attributes),
      recommendations: loaded('related', 'id', (found) => found?.productIds.map((id) => ({ id })) ?? []),
    },
    Money: { amount: moneyAmount },
    Cart: {
      shippingCost: async ({ items }, { to }, { clients: { shipping } }) =>
        (await shipping.getQuote({ items, ...to })).costUsd,
    },
    CartItem: { product: loaded('productById', 'productId') },
    Order: {
      destination: (order) => oneofRow(order, { address: 'Address', locker: 'Locker', branch: ['Branch', 'number'] }),
    },
  },
});
