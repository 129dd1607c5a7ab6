import {
  batch,
  byKey,
  connection,
  defineBackend,
  errorFormats,
  fail,
  fieldMask,
  loaded,
  moneyAmount,
  moneyOf,
  rest,
  sdl,
} from 'tributary/backend';
import { z } from 'zod';
import type { Schema } from './schema.generated.ts';

const text = z.string().optional();
const Money = z.object({ currencyCode: z.string(), units: z.string().optional(), nanos: z.int().optional() });
// A response has the fields of its mask.
const Book = z.object({
  id: z.string(),
  title: text,
  authors: z.array(z.string()).optional(),
  price: Money.optional(),
  publishTime: z.iso.datetime().optional(),
  readingTime: z.string().transform(Number.parseFloat).optional(), // a Duration: 5400.5s
  version: text,
});
const Books = z.object({ books: z.array(Book).default([]), nextPageToken: text, totalSize: z.int().optional() });
const Publisher = z.object({ id: z.string(), displayName: text });
const PrintRun = z.object({ copies: z.int(), finishTime: z.iso.datetime() });
const Operation = z.object({ id: z.string(), done: z.boolean().default(false), response: PrintRun.optional() });

const BOOK_MASK = {
  case: 'camel',
  paths: { 'Book.id': 'name', 'Book.version': 'etag', 'Book.publisher': ['name'], 'Book.price': ['price'] },
} as const;
const BOOKS_MASK = { ...BOOK_MASK, at: ['nodes'] };

/** Books and their publishers, of a service with the habits of Google's APIs, over REST. */
export default defineBackend<Schema<{ Book: z.infer<typeof Book>; Money: z.infer<typeof Money> }>>()({
  name: 'publishing',
  typeDefs: sdl(import.meta.url),
  errors: { BOOK_IN_PRINT: 'The book is being printed.', PRINT_FAILED: 'The books could not be printed.' },
  upstreams: {
    api: rest({
      rows: { names: { id: 'name', version: 'etag' } },
      errors: errorFormats.google({ failures: { BOOK_IN_PRINT: 'BOOK_IN_PRINT' } }),
    }),
  },

  loaders: ({ api }) => ({
    publisherByName: batch(
      async (names: readonly string[]) => {
        const response = z.object({ publishers: z.array(Publisher) });
        return byKey((await api.get('/v1/publishers:batchGet', { query: { names }, response })).publishers, 'id');
      },
      { maxSize: 100 },
    ),
  }),

  resolvers: {
    Query: {
      book: (_root, { id }, { clients }, info) => {
        const query = { readMask: fieldMask(info, BOOK_MASK).paths.join(',') };
        return clients.api.get('/v1/{id=publishers/*/books/*}', { path: { id }, query, response: Book });
      },
      books: (_root, { publisher, author, ...args }, { clients }, info) =>
        connection({
          style: 'token',
          args,
          fetch: async ({ limit: pageSize, token: pageToken }) => {
            const filter = author == null ? undefined : `authors:${JSON.stringify(author)}`;
            const query = { pageSize, pageToken, filter, readMask: fieldMask(info, BOOKS_MASK).paths.join(',') };
            const options = { path: { publisher }, query, response: Books };
            const { books, nextPageToken, totalSize } = await clients.api.get(
              '/v1/{publisher=publishers/*}/books',
              options,
            );
            return { rows: books, next: nextPageToken, total: totalSize };
          },
        }),
    },
    Mutation: {
      updateBook: (_root, { input: { id, version, ...changes } }, { clients }) => {
        const price = changes.price && moneyOf(changes.price.amount, changes.price.currency);
        const query = { updateMask: Object.keys(changes).join(',') };
        const body = { ...changes, price, version };
        return clients.api.patch('/v1/{id=publishers/*/books/*}', { path: { id }, query, body, response: Book });
      },
      withdrawBook: (_root, { id }, { clients }) =>
        clients.api.post('/v1/{id=publishers/*/books/*}:withdraw', { path: { id }, body: {}, response: Book }),
      printBooks: async (_root, { input: { publisher, ...body } }, { clients: { api }, poll }) => {
        const options = { path: { publisher }, body, idempotencyKey: body.requestId, response: Operation };
        const first = await api.post('/v1/{publisher=publishers/*}/books:print', options);
        const path = { id: first.id };
        const read = () => api.get('/v1/{id=operations/*}', { path, response: Operation });
        return (await poll({ first, read, isDone: ({ done }) => done })).response ?? fail('PRINT_FAILED');
      },
    },
    Book: { publisher: loaded('publisherByName', ({ id }) => id.split('/books/')[0]) },
    Money: { amount: moneyAmount, currency: ({ currencyCode }) => currencyCode },
  },
});
