import { defineBackend, each, int64, loaded, rest, sdl, secret } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const Status = z.enum(['available', 'pending', 'sold']).nullish();
const Pet = z.object({ id: int64, name: z.string(), status: Status, photoUrls: z.array(z.string()) });
const Order = z.object({ id: int64, petId: int64, quantity: z.int(), complete: z.boolean() });

/** Pets and orders of the Petstore, version 3, over REST. */
export default defineBackend<Schema<{ Order: z.infer<typeof Order> }>>()({
  name: 'petstore',
  typeDefs: sdl(import.meta.url),
  upstreams: { api: rest({ auth: { apiKey: { header: 'api_key', value: secret('PETSTORE_KEY') } } }) },
  loaders: ({ api }) => ({ petById: each((id: string) => api.get('/pet/{id}', { path: { id }, response: Pet })) }),
  resolvers: {
    Query: {
      pet: (_root, { id }, { loaders }) => loaders.petById.load(id),
      pets: (_root, query, { clients }) => clients.api.get('/pet/findByStatus', { query, response: z.array(Pet) }),
    },
    Mutation: {
      addPet: (_root, { input: body }, { clients }) => clients.api.post('/pet', { body, response: Pet }),
      setPet: (_root, { id, form }, { clients: { api } }) =>
        api.post('/pet/{id}', { path: { id }, form, response: Pet }),
      uploadPhoto: (_root, { id, content: bytes, ...query }, { clients: { api } }) =>
        api.post('/pet/{id}/uploadImage', { path: { id }, query, bytes, response: z.object({ message: z.string() }) }),
      placeOrder: (_root, body, { clients }) => clients.api.post('/store/order', { body, response: Order }),
    },
    Order: { pet: loaded('petById', 'petId') },
  },
});
