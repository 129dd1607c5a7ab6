import {
  badInput,
  batch,
  defineBackend,
  errorFormats,
  forbidden,
  groupBy,
  type Principal,
  rest,
  sdl,
} from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const MAX_ORDERS = 2_000;
const MAX_OF_A_CUSTOMER = 100;

const Order = z.object({
  id: z.string(),
  customerId: z.string(),
  status: z.enum(['PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
  placedAt: z.iso.datetime(),
  items: z.array(z.object({ productId: z.string(), quantity: z.int() })),
});
const Orders = z.array(Order);

interface Rows {
  readonly Order: z.infer<typeof Order>;
  readonly OrderItem: z.infer<typeof Order>['items'][number];
}

/** Loader key of a customer's orders. */
interface OrdersOf {
  readonly customerId: string;
  readonly first: number;
}

const keyOf = ({ customerId, first }: OrdersOf) => `${first} of ${customerId}`;

/** Codes of problems of the backend. */
const FAILURES = { 'unknown-product': 'UNKNOWN_PRODUCT', 'not-cancellable': 'ORDER_NOT_CANCELLABLE' } as const;

const mayCancel = (principal: Principal, customerId: string): boolean =>
  principal.kind === 'user' && (principal.subject === customerId || principal.roles.includes('admin'));

/** Orders, over REST. Customers and products belong to other modules; this module returns their ids only. */
export default defineBackend<Schema<Rows>>()({
  name: 'orders',
  typeDefs: sdl(import.meta.url),

  errors: {
    UNKNOWN_PRODUCT: 'An item of this order is not for sale.',
    ORDER_NOT_CANCELLABLE: 'This order can no longer be cancelled.',
  },

  upstreams: {
    orders: rest({ health: { path: '/health' }, errors: errorFormats.problemDetails({ failures: FAILURES }) }),
  },

  policies: {
    'own-order': (principal, { input }) =>
      principal.kind === 'user' && Reflect.get(Object(input), 'customerId') === principal.subject,
  },

  loaders: ({ orders }) => ({
    // One call with the highest limit of all requested lists. Each list is then cut to its own length.
    ordersOfCustomer: batch(
      async (wanted: readonly OrdersOf[]) => {
        const limit = Math.max(...wanted.map(({ first }) => first));
        const customers = [...new Set(wanted.map(({ customerId }) => customerId))].join(',');
        const found = groupBy(
          await orders.get('/orders', { query: { customers, limit }, response: Orders }),
          'customerId',
        );
        return new Map(wanted.map((one) => [keyOf(one), found.get(one.customerId).slice(0, one.first)]));
      },
      { key: keyOf, maxSize: 200 },
    ),
  }),

  merge: {
    Customer: { key: 'id' },
  },

  resolvers: {
    Query: {
      orders: (_root, { first, after }, { clients }) =>
        first < 0 || first > MAX_ORDERS
          ? badInput(`first must be between 0 and ${MAX_ORDERS}.`)
          : clients.orders.get('/orders', { query: { limit: first, after }, response: Orders }),
      order: (_root, { id }, { clients }) => clients.orders.get('/orders/{id}', { path: { id }, response: Order }),
    },
    Mutation: {
      placeOrder: async (_root, { input }, { clients }) => {
        const { clientMutationId: idempotencyKey, ...body } = input;
        return { order: await clients.orders.post('/orders', { body, idempotencyKey, response: Order }) };
      },
      cancelOrder: async (_root, { input }, { clients, principal }) => {
        const path = { id: input.orderId };
        const { customerId } = await clients.orders.get('/orders/{id}', { path, response: Order });
        if (!mayCancel(principal, customerId)) return forbidden('This order belongs to another customer.');
        return { order: await clients.orders.post('/orders/{id}/cancel', { path, response: Order }) };
      },
    },
    Order: {
      customer: ({ customerId }) => ({ id: customerId }),
    },
    OrderItem: {
      product: ({ productId }) => ({ id: productId }),
    },
    Customer: {
      orders: async ({ id }, { first }, { loaders }) => {
        if (first < 0 || first > MAX_OF_A_CUSTOMER)
          return badInput(`first must be between 0 and ${MAX_OF_A_CUSTOMER}.`);
        return loaders.ordersOfCustomer.load({ customerId: id, first });
      },
    },
  },
});
