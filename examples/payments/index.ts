import { connection, defineBackend, each, enumeration, errorFormats, file, rest, sdl, secret } from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const Status = z.enum({ SUCCEEDED: 'succeeded', PENDING: 'pending', FAILED: 'failed' });
const text = z.string().nullish();
const Metadata = z.record(z.string(), z.string()).default({});
// A deleted customer has its id only.
const Customer = z.object({ id: z.string(), name: text, email: text, metadata: Metadata });
const Charge = z.object({
  id: z.string(),
  amount: z.int(),
  amountRefunded: z.int(),
  currency: z.string(),
  status: Status,
  created: z.int().transform((seconds) => new Date(seconds * 1_000)),
  customer: Customer.nullable(),
  metadata: Metadata,
});
const Charges = z.object({ data: z.array(Charge), hasMore: z.boolean() });
const Refund = z.object({ id: z.string(), amount: z.int(), currency: z.string(), charge: z.string() });
const Evidence = z.object({ id: z.string(), filename: text, size: z.int() });

const api = rest({
  auth: { bearer: secret('PAYMENTS_KEY') },
  headers: { 'stripe-version': '2026-03-25' },
  queryStyle: 'brackets',
  rows: { case: 'snake', unchanged: ['metadata'] },
  errors: errorFormats.stripe(),
});

/** Charges, refunds and customers of a payment service. Files have a host of their own. */
export default defineBackend<Schema<{ ChargeStatus: z.infer<typeof Status>; Refund: z.infer<typeof Refund> }>>()({
  name: 'payments',
  typeDefs: sdl(import.meta.url),
  upstreams: { api, files: rest({ ...api, timeoutMs: 20_000 }) },

  loaders: ({ api }) => ({
    chargeById: each(
      (id: string) => api.get('/v1/charges/{id}', { path: { id }, query: { expand: ['customer'] }, response: Charge }),
      { concurrency: 8 },
    ),
  }),
  merge: { Charge: { key: 'id', load: 'chargeById' } },

  resolvers: {
    Query: {
      charge: (_root, { id }, { loaders }) => loaders.chargeById.load(id),
      charges: (_root, { customer, ...args }, { clients }) =>
        connection({
          style: 'cursor',
          args,
          fetch: async ({ limit, after }) => {
            const query = { customer, limit, starting_after: after, expand: ['data.customer'] };
            const { data, hasMore } = await clients.api.get('/v1/charges', { query, response: Charges });
            return { rows: data, hasMore };
          },
          cursor: ({ id }) => id,
        }),
    },
    Mutation: {
      createCustomer: (_root, { input: { idempotencyKey, ...form } }, { clients }) =>
        clients.api.post('/v1/customers', { form, idempotencyKey, response: Customer }),
      createCharge: (_root, { input: { idempotencyKey, ...input } }, { clients }) => {
        const form = { ...input, expand: ['customer'] };
        return clients.api.post('/v1/charges', { form, idempotencyKey, response: Charge });
      },
      refundCharge: (_root, { input: { idempotencyKey, ...form } }, { clients }) =>
        clients.api.post('/v1/refunds', { form, idempotencyKey, response: Refund }),
      uploadEvidence: (_root, { input: { idempotencyKey, filename: name, type, content } }, { clients }) => {
        const multipart = { purpose: 'dispute_evidence', file: file({ content, name, type }) };
        return clients.files.post('/v1/files', { multipart, idempotencyKey, response: Evidence });
      },
    },
    Refund: { charge: ({ charge }) => ({ id: charge }) },
    ChargeStatus: enumeration(Status.enum),
  },
});
