import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { GraphQLResolveInfo } from 'graphql';
import { batch, type FieldMaskOptions, fieldMask, loaded, rest } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import library from '../support/modules/library/index.ts';
import { libraryServer } from '../support/modules/library.ts';
import { define, plain, typeDefs } from '../support/modules/small-modules.ts';

const SDL = `
  type Query { book: Book  books: BookConnection  works: [Work!]! }
  type BookConnection { nodes: [Book!]!  edges: [Edge!]!  totalCount: Int }
  type Edge { node: Book! }
  interface Work { title: String }
  type Book implements Work {
    id: ID!  title: String  label: String  author: Author  series: Series  editions: [Edition!]!  publisher: Publisher
  }
  type Film implements Work { title: String  runningTime: Int }
  type Author { fullName: String  birthPlace: Place }
  type Place { cityName: String }
  type Series { name: String }
  type Edition { year: Int }
  type Publisher { id: ID! }
`;

const BOOK = {
  id: 'b1',
  title: 'T',
  author: { fullName: 'A', birthPlace: { cityName: 'C' } },
  seriesId: 's1',
  editions: [{ year: 1 }],
  publisher: { id: 'p1' },
};
const PATHS = { 'Book.label': ['display_title', 'author.full_name'], 'Book.title': 'display_title' };

/** The module, and a list of the masks that its root resolvers computed. */
const libraryWith = (options: FieldMaskOptions | undefined) => {
  const masks: ReturnType<typeof fieldMask>[] = [];
  const masked =
    (value: unknown) =>
    (...[, , , info]: [unknown, unknown, unknown, GraphQLResolveInfo]) => {
      masks.push(fieldMask(info, options));
      return value;
    };
  const books = { nodes: [BOOK], edges: [{ node: BOOK }], totalCount: 1 };
  const module = plain('library', SDL, {
    loaders: () => ({
      seriesById: batch(async (ids: readonly unknown[]) => new Map(ids.map((id) => [id, { name: id }]))),
    }),
    merge: { Book: { key: 'id' }, Publisher: { key: 'id' } },
    resolvers: {
      Query: {
        book: masked(BOOK),
        books: masked(books),
        works: masked([
          { __typename: 'Film', title: 'F', runningTime: 90 },
          { __typename: 'Book', ...BOOK },
        ]),
      },
      Book: { label: ({ title }: typeof BOOK) => title, series: loaded('seriesById', 'seriesId') } as never,
    },
  });
  return { module, masks };
};

/** Another module, with fields of books and publishers. */
const shop = plain('shop', 'type Book { id: ID!  price: Int } type Publisher { id: ID!  site: String }', {
  merge: { Book: { key: 'id' }, Publisher: { key: 'id' } },
  resolvers: { Book: { price: () => 5 }, Publisher: { site: () => 'x' } },
});

const FRAGMENTS = 'fragment F on Book { author { ...A } } fragment A on Author { fullName }';
const NO_PATHS = { paths: { ...PATHS, 'Book.title': 'title' } };

for (const execution of EXECUTIONS) {
  /** Delegation requests the keys of entities in any case. */
  const withKeys = (paths: readonly string[]) =>
    execution === 'compiled' ? paths : [...new Set([...paths, 'id'])].toSorted();
  const masksOf = async (document: string, options?: FieldMaskOptions, variables = {}) => {
    const { module, masks } = libraryWith(options);
    const { errors } = await executedBy(execution, [module, shop])(document, variables);
    return errors === undefined ? masks.map(({ paths }) => paths.toSorted()) : errors.map(({ message }) => message);
  };

  test.each([
    [
      'names in snake case, nested',
      'author { fullName birthPlace { cityName } }',
      ['author.birth_place.city_name', 'author.full_name'],
    ],
    [
      'a field twice, with aliases',
      'a: id b: id author { x: fullName } again: author { fullName }',
      ['author.full_name', 'id'],
    ],
    ['the fields of fragments', '...F ... on Book { id }', ['author.full_name', 'id']],
    ['exceptions', 'title', ['display_title']],
    ['what a resolver reads', 'label', ['author.full_name', 'display_title']],
    [
      'no path below another one',
      'label author { fullName birthPlace { __typename } }',
      ['author.birth_place', 'author.full_name', 'display_title'],
    ],
    ['the key of loaded', 'series { name }', ['series_id']],
    ['a list whole', 'editions { year }', ['editions']],
    ['a message of which only __typename is selected', 'author { __typename }', ['author']],
    ['the key that a join needs, without the fields of the other module', 'price', ['id']],
    ['the key of a nested entity', 'publisher { site }', ['publisher.id']],
  ])(`${execution}: a mask has %s`, async (_what, selection, paths) => {
    const fragments = selection.includes('...F') ? FRAGMENTS : '';
    expect(await masksOf(`{ book { ${selection} } } ${fragments}`, { paths: PATHS })).toEqual([withKeys(paths)]);
  });

  test(`${execution}: @skip and @include decide with the variables of the request`, async () => {
    const document = 'query ($no: Boolean!) { book { id title @include(if: $no) author @skip(if: $no) { fullName } } }';
    expect(await masksOf(document, NO_PATHS, { no: false })).toEqual([['author.full_name', 'id']]);
    expect(await masksOf(document, NO_PATHS, { no: true })).toEqual([withKeys(['id', 'title'])]);
  });

  test(`${execution}: a mask of an interface has the fields of all its types`, async () => {
    const document = '{ works { title ... on Film { runningTime } ... on Book { author { fullName } } } }';
    expect(await masksOf(document, NO_PATHS)).toEqual([withKeys(['author.full_name', 'running_time', 'title'])]);
  });

  test(`${execution}: at names the rows of a connection; always, case and lists change the paths`, async () => {
    const document = '{ books { totalCount nodes { id } edges { node { author { fullName } editions { year } } } } }';
    const at = ['nodes', 'edges.node'];
    expect(await masksOf(document, { ...NO_PATHS, at, always: ['owner_id'] })).toEqual([
      ['author.full_name', 'editions', 'id', 'owner_id'],
    ]);
    expect(await masksOf(document, { ...NO_PATHS, at, case: 'camel', lists: 'fields' })).toEqual([
      ['author.fullName', 'editions.year', 'id'],
    ]);
    expect(await masksOf(document, { ...NO_PATHS, at, lists: 'wildcard' })).toEqual([
      ['author.full_name', 'editions.*.year', 'id'],
    ]);
  });
}

test('options that do not fit the module fail every call, with all problems', async () => {
  const problems: unknown[] = [];
  const options = { paths: { 'Book.titel': 'title' }, at: ['node'] };
  const module = plain('library', SDL, {
    resolvers: {
      Query: {
        book: (_root, _args, _context, info) => {
          for (const one of [undefined, options])
            try {
              fieldMask(info, one);
            } catch (error) {
              problems.push(error);
            }
          return BOOK;
        },
      },
      Book: { label: () => 'L', series: () => ({ name: 's' }) },
    },
  });
  await executedBy('compiled', [module])('{ book { id } }');
  expect(problems.map(String)).toEqual([
    "Error: fieldMask at Query.book: Book.label has a resolver: name what it reads, as in paths: { 'Book.label': ['name'] }; Book.series has a resolver: name what it reads, as in paths: { 'Book.series': ['name'] }.",
    'Error: fieldMask at Query.book: paths has Book.titel, a field that the SDL of the module does not have; at has node, a place that Book does not have.',
  ]);
});

test('a mask is computed once for a plan, and cannot be changed', async () => {
  const options = { paths: PATHS };
  const { module, masks } = libraryWith(options);
  const runQuery = executedBy('compiled', [module]);
  await runQuery('{ book { id } }');
  await runQuery('{ book { id } }');
  expect(masks).toHaveLength(2);
  expect(masks[0]).toBe(masks[1]);
  expect(Object.isFrozen(masks[0]?.paths)).toBe(true);
});

test('a gRPC backend receives the mask of each selection', async () => {
  const received: unknown[] = [];
  const GetBook = ({ request }: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
    received.push(request);
    reply(null, { name: 'b', audio: { value: 'a.mp3' } });
  };
  await using server = await libraryServer({ GetBook });
  await using gateway = await startGateway({ LIBRARY_BOOKS_ENDPOINTS: `grpc://127.0.0.1:${server.port}` }, [library]);
  const { data } = await gateway.query('{ book(name: "b") { name medium { ... on Audio { url } } } }');
  expect(data).toEqual({ book: { name: 'b', medium: { url: 'a.mp3' } } });
  await gateway.query('{ book(name: "b") { pages { key } } }');
  expect(received).toEqual([
    { name: 'b', read_mask: { paths: ['name', 'paper', 'file', 'audio'] } },
    { name: 'b', read_mask: { paths: ['pages'] } },
  ]);
});

test('the paths of a mask are a query parameter', async () => {
  const mask = { case: 'camel', lists: 'fields' } as const;
  const module = define({
    name: 'sheets',
    typeDefs: typeDefs(
      'type Query { sheet: Sheet } type Sheet { sheetTitle: String tabs: [Tab!] } type Tab { index: Int }',
    ),
    upstreams: { api: rest() },
    resolvers: {
      Query: {
        // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
        sheet: (_root: any, _args: any, { clients }: any, info: any) =>
          clients.api.get('/sheet', {
            query: { fields: fieldMask(info, mask).paths.join(',') },
            response: z.unknown(),
          }),
      },
    },
  });
  const urls: string[] = [];
  const api = scripted().get('/sheet', ({ url }) => {
    urls.push(url);
    return { sheetTitle: 'S', tabs: [{ index: 1 }] };
  });
  await testBackend(module, { api }).query('{ sheet { sheetTitle tabs { index } } }');
  expect(urls).toEqual(['/sheet?fields=sheetTitle%2Ctabs.index']);
});
