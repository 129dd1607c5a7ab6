import { batch, byKey, loaded, rest, type SchemaModule } from 'tributary/backend';
import { z } from 'zod';
import { UpstreamError } from '../../../src/core/errors.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { define, typeDefs } from './small-modules.ts';

const Rows = z.array(z.looseObject({}));

/** Works of several types. Other modules have further fields. */
const library = define({
  name: 'library',
  typeDefs: typeDefs(`
    type Query {
      works: [Work!]
      shelf: [Work]!
      best: Work!
      mine: [Work!] @authenticated @rateLimit(limit: 5, duration: 60)
    }
    type Mutation { lend(id: ID!): Book giveBack(id: ID!): Book @requiresScopes(scopes: [["lend", "desk"], ["all"]]) }
    interface Work { id: ID! title: String }
    type Book implements Work { id: ID! title: String writer: Writer }
    type Film implements Work { id: ID! title: String }
    type Writer { name: String born: Int @policy(policies: [["role:staff"]]) }
  `),
  upstreams: { books: rest() },
  loaders: ({ books }) => ({
    workById: batch(async () => byKey(await books.get('/works', { response: Rows }), 'id')),
    writerByName: batch(async (names: readonly string[]) =>
      byKey(await books.get('/writers', { query: { names: names.join(',') }, response: Rows }), 'name'),
    ),
  }),
  merge: { Book: { key: 'id', load: 'workById' }, Film: { key: 'id', load: 'workById' } },
  resolvers: {
    Query: {
      works: (_root, _args, { clients }) => clients.books.get('/works', { response: Rows }),
      shelf: (_root, _args, { clients }) => clients.books.get('/works', { response: Rows }),
      best: async (_root, _args, { clients }) => (await clients.books.get('/works', { response: Rows }))[0],
      mine: (_root, _args, { clients }) => clients.books.get('/works', { response: Rows }),
    },
    Mutation: {
      lend: (_root, { id }, { clients }) => clients.books.get('/works/{id}', { path: { id }, response: z.null() }),
      giveBack: (_root, { id }, { clients }) => clients.books.get('/works/{id}', { path: { id }, response: z.null() }),
    },
    Book: { writer: loaded('writerByName', ({ author }) => author) },
  },
});

/** Has the ISBN of a book, which is a key in another module. */
const numbers = define({
  name: 'numbers',
  typeDefs: typeDefs('type Book { id: ID! isbn: ID }'),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    numberOf: batch(async (ids: readonly string[]) =>
      byKey(await api.get('/numbers', { query: { ids: ids.join(',') }, response: Rows }), 'id'),
    ),
  }),
  merge: { Book: { key: 'id', load: 'numberOf' } },
});

interface Edition {
  readonly id: string;
  readonly isbn: string;
}

/** Joins by a key of two fields. No single module has both. */
const prices = define({
  name: 'prices',
  typeDefs: typeDefs('type Book { id: ID! isbn: ID price: Int! } type Film { id: ID! price: Int! }'),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    bookPrice: batch(
      async (editions: readonly Edition[]) =>
        byKey(
          await api.get('/prices', { query: { ids: editions.map(({ id }) => id).join(',') }, response: Rows }),
          'id',
        ),
      { key: ({ id }) => id },
    ),
    filmPrice: batch(async (ids: readonly string[]) =>
      byKey(await api.get('/prices', { query: { ids: ids.join(',') }, response: Rows }), 'id'),
    ),
  }),
  merge: { Book: { key: ['id', 'isbn'], load: 'bookPrice' }, Film: { key: 'id', load: 'filmPrice' } },
});

const ratings = define({
  name: 'ratings',
  typeDefs: typeDefs('type Book { isbn: ID stars: Int isBargain: Boolean }'),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    starsByIsbn: batch(async (isbns: readonly string[]) =>
      byKey(await api.get('/stars', { query: { ids: isbns.join(',') }, response: Rows }), 'isbn'),
    ),
  }),
  merge: { Book: { key: 'isbn', needs: { isBargain: ['price'] } } },
  resolvers: {
    Book: {
      stars: loaded('starsByIsbn', 'isbn', (row) => row?.stars ?? 0),
      isBargain: ({ price }: { readonly price: number }) => price < 10,
    },
  },
});

/** Books and films, joined from four backends: abstract types, keys of two fields, keys from a third module. */
export const MEDIA: readonly SchemaModule[] = [library, numbers, prices, ratings];

const WORKS = [
  { __typename: 'Book', id: 'b1', title: 'One', author: 'Ada' },
  { __typename: 'Film', id: 'f1', title: 'Two' },
  { __typename: 'Book', id: 'b2', title: 'Three', author: 'Ben' },
];

const ANSWERS: Readonly<Record<string, unknown>> = {
  'GET /works': WORKS,
  'GET /writers': [
    { name: 'Ada', born: 1815 },
    { name: 'Ben', born: 1900 },
  ],
  'GET /numbers': [
    { id: 'b1', isbn: 'i1' },
    { id: 'b2', isbn: 'i2' },
  ],
  'GET /prices': ['b1', 'b2', 'f1'].map((id, at) => ({ id, price: 8 + at })),
  'GET /stars': [
    { isbn: 'i1', stars: 5 },
    { isbn: 'i2', stars: 3 },
  ],
};

/** Answers for all modules but one. */
export const answerWithout = (down: string | null) => async (call: Call) => {
  if (call.upstream.startsWith(`${down}.`)) throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'backend unavailable');
  return { status: 200, headers: {}, size: 0, value: ANSWERS[call.route] };
};
