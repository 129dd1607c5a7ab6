import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { defineBackend, grpc } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway/gateway.ts';
import { LIBRARY, LIBRARY_PROTO, libraryServer } from '../support/modules/library.ts';

const SDL = `
  type Query { book(after: DateTime, mask: String, cover: String): Book }
  type Book {
    displayTitle: String
    publishTime: DateTime
    publishText: String
    readingTime: String
    pageCount: Int
    copiesSold: BigInt
    subtitle: String
    labels: JSON
    note: JSON
    cover: String
    extra: JSON
  }`;

const library = () =>
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  defineBackend<any>()({
    name: 'library',
    typeDefs: { text: SDL, file: import.meta.filename },
    upstreams: { books: grpc({ proto: LIBRARY_PROTO, service: LIBRARY, reads: [] }) },
    resolvers: {
      // biome-ignore-start lint/suspicious/noExplicitAny: see above
      Query: {
        book: async (_root: any, { after, mask, cover }: any, { clients }: any) => {
          if (cover !== undefined)
            return clients.books.updateBook({ book: { cover, publishTime: after }, updateMask: mask });
          const { books } = await clients.books.listBooks({ publishedAfter: after, readMask: mask });
          return books[0] ?? null;
        },
      },
      Book: { publishText: ({ publishTime }: any) => publishTime },
      // biome-ignore-end lint/suspicious/noExplicitAny: see above
    },
    // biome-ignore lint/suspicious/noExplicitAny: see above
  } as any);

const BOOK =
  '{ displayTitle publishTime publishText readingTime pageCount copiesSold subtitle labels note cover extra }';

type Unary = (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => void;

test('a row of a real server has JSON values for every well-known type, and the request is converted back', async () => {
  const requests: unknown[] = [];
  const ListBooks: Unary = ({ request }, reply) => {
    requests.push(request);
    const author = { '@type': 'type.googleapis.com/library.v1.Author', full_name: 'Lem' };
    reply(null, {
      books: [
        {
          publish_time: { seconds: 1_700_000_000, nanos: 123_456_789 },
          reading_time: { seconds: 90, nanos: 500_000_000 },
          page_count: { value: 0 },
          copies_sold: { value: '9007199254740993' },
          labels: { fields: { a: { listValue: { values: [{ numberValue: 1 }, { nullValue: 0 }] } } } },
          note: { stringValue: 'n' },
          cover: Buffer.from([0, 255]),
          extra: author,
        },
      ],
    });
  };
  await using server = await libraryServer({ ListBooks });
  await using gateway = await startGateway({ LIBRARY_BOOKS_ENDPOINTS: `grpc://127.0.0.1:${server.port}` }, [library()]);
  const { data, errors } = await gateway.query(
    `{ book(after: "2024-01-02T10:00:00+02:00", mask: "displayTitle,author.fullName") ${BOOK} }`,
  );
  expect({ data, errors }).toEqual({
    data: {
      book: {
        displayTitle: '',
        publishTime: '2023-11-14T22:13:20.123Z',
        publishText: '2023-11-14T22:13:20.123456789Z',
        readingTime: '90.500s',
        pageCount: 0,
        copiesSold: '9007199254740993',
        subtitle: null,
        labels: { a: [1, null] },
        note: 'n',
        cover: 'AP8=',
        extra: { '@type': 'type.googleapis.com/library.v1.Author', fullName: 'Lem', birthTime: null },
      },
    },
    errors: [],
  });
  expect(requests).toMatchObject([
    {
      published_after: { seconds: '1704182400' },
      read_mask: { paths: ['display_title', 'author.full_name'] },
    },
  ]);
});

test('a String argument is sent as bytes if it is base64, and rejected as BAD_USER_INPUT otherwise', async () => {
  const requests: unknown[] = [];
  const UpdateBook: Unary = ({ request }, reply) => {
    requests.push(request);
    reply(null, {});
  };
  await using server = await libraryServer({ UpdateBook });
  await using gateway = await startGateway({ LIBRARY_BOOKS_ENDPOINTS: `grpc://127.0.0.1:${server.port}` }, [library()]);
  await gateway.query('{ book(cover: "AP8=") { cover } }');
  expect(requests).toMatchObject([{ book: { cover: Buffer.from([0, 255]) } }]);
  const { errors } = await gateway.query('{ book(cover: "no base64!") { cover } }');
  expect(errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  expect(requests).toHaveLength(1);
});

test('scripted messages and requests have the same forms', async () => {
  const bodies: unknown[] = [];
  const books = scripted().unary('ListBooks', ({ body }) => {
    bodies.push(body);
    return {
      books: [{ publishTime: new Date(0), pageCount: 3, labels: { a: 1 }, extra: { '@type': 'library.v1.Paper' } }],
    };
  });
  const { data } = await testBackend(library(), { books }).query(
    '{ book(after: "2024-01-02T08:00:00Z", mask: "name") { publishTime pageCount labels extra } }',
  );
  expect(data).toEqual({
    book: {
      publishTime: '1970-01-01T00:00:00.000Z',
      pageCount: 3,
      labels: { a: 1 },
      extra: { '@type': 'type.googleapis.com/library.v1.Paper', weightGrams: 0 },
    },
  });
  expect(bodies).toEqual([{ publishedAfter: '2024-01-02T08:00:00Z', readMask: 'name' }]);
});
