import { badInput, batch, byKey, defineBackend, guard, type Principal, rest, sdl } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const MAX_PAGE_SIZE = 100;

const Address = z.object({ street: z.string(), city: z.string(), postalCode: z.string(), country: z.string() });
const Customer = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  since: z.iso.datetime(),
  phone: z.string(),
  addresses: z.array(Address),
});
const Customers = z.array(Customer);

/** True if the principal may see the customer's phone number and addresses. */
const maySeePrivateData = (
  _value: unknown,
  { principal }: { readonly principal: Principal },
  _args: unknown,
  { id }: { readonly id: string },
): boolean => principal.kind === 'user' && (principal.subject === id || principal.roles.includes('admin'));

/** Customers, over REST. */
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

  // This module uses plain resolvers only. Other modules declare such fields with `loaded`.
  resolvers: {
    Query: {
      me: (_root, _args, { loaders, principal }) => loaders.customerById.load(principal.subject),
      customer: (_root, { id }, { loaders }) => loaders.customerById.load(id),
      customers: async (_root, { first, after }, { clients }) => {
        if (first < 1 || first > MAX_PAGE_SIZE) return badInput(`first must be between 1 and ${MAX_PAGE_SIZE}.`);
        const page = await clients.customers.getPage('/customers', {
          query: { limit: first, after },
          response: Customers,
        });
        return { nodes: page.value, endCursor: page.next?.get('after') ?? null };
      },
    },
    Customer: {
      phone: guard(({ phone }) => phone ?? null, maySeePrivateData),
      addresses: guard(({ addresses }) => addresses ?? null, maySeePrivateData),
    },
  },
});
