import { badInput, batch, byKey, defineBackend, rest, sdl } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const MOST = 100;

const Customer = z.object({ id: z.string(), name: z.string(), email: z.string(), since: z.iso.datetime() });
const Customers = z.array(Customer);

/** Who orders, over REST. */
export default defineBackend<Schema>()({
  name: 'accounts',
  typeDefs: sdl(import.meta.url),

  upstreams: {
    customers: rest({ health: { path: '/health' } }),
  },

  loaders: ({ customers }) => ({
    customerById: batch(
      async (ids: readonly string[]) =>
        byKey(await customers.get('/customers', { query: { ids: ids.join(',') }, response: Customers }), 'id'),
      { maxSize: 500 },
    ),
  }),

  merge: {
    Customer: { key: 'id', load: 'customerById' },
  },

  // Plain resolvers throughout: what `loaded` declares elsewhere, this module writes by hand.
  resolvers: {
    Query: {
      customer: (_root, { id }, { loaders }) => loaders.customerById.load(id),
      customers: async (_root, { first, after }, { clients }) => {
        if (first < 1 || first > MOST) return badInput(`first must be between 1 and ${MOST}.`);
        const page = await clients.customers.getPage('/customers', {
          query: { limit: first, after },
          response: Customers,
        });
        return { nodes: page.value, endCursor: page.next?.get('after') ?? null };
      },
    },
  },
});
