import { expect, test } from 'vitest';
import publishing from '../../../examples/publishing/index.ts';
import { startPublishing } from '../../../examples/publishing/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

test('books, pages, masks, errors and an operation through the whole gateway, with these calls', async () => {
  await using mock = await startPublishing();
  await using gateway = await startGateway({ PUBLISHING_API_ENDPOINTS: mock.url }, [publishing]);
  const run = async (document: string, variables = {}) => {
    const { data, errors } = await gateway.query(document, variables);
    return errors.length > 0 ? errors.map(({ extensions }) => extensions) : data;
  };

  const page = `query ($after: String) { books(publisher: "publishers/p1", author: "Ann", first: 2, after: $after) {
    totalCount nodes { title publishTime publisher { displayName } } pageInfo { hasNextPage endCursor } } }`;
  const first = Object(await run(page)).books;
  expect(first).toMatchObject({
    totalCount: 3,
    nodes: [
      { title: 'Book 1', publishTime: '2026-01-01T08:00:00.000Z', publisher: { displayName: 'House publishers/p1' } },
      { title: 'Book 2' },
    ],
    pageInfo: { hasNextPage: true },
  });
  expect(await run(page, { after: first.pageInfo.endCursor })).toMatchObject({
    books: { nodes: [{ title: 'Book 3' }], pageInfo: { hasNextPage: false } },
  });

  const update = `mutation ($title: String, $version: String!) { updateBook(input: {
    id: "publishers/p1/books/b1", title: $title, version: $version }) { title version } }`;
  const version = '"1"';
  expect(await run(update, { title: '', version })).toMatchObject([
    { code: 'BAD_USER_INPUT', details: { problem: 'EMPTY', violations: [{ field: 'title' }] } },
  ]);
  expect(await run(update, { title: 'Solaris', version })).toEqual({
    updateBook: { title: 'Solaris', version: '"2"' },
  });
  expect(await run(update, { title: 'Lost', version })).toMatchObject([{ code: 'CONFLICT' }]);
  expect(await run('mutation { withdrawBook(id: "publishers/p1/books/b1") { id } }')).toMatchObject([
    { code: 'BOOK_IN_PRINT' },
  ]);

  const print =
    'mutation { printBooks(input: { publisher: "publishers/p1", copies: 500, requestId: "r1" }) { copies finishTime } }';
  expect(await run(print)).toEqual({ printBooks: { copies: 500, finishTime: '2026-02-01T00:00:00.000Z' } });

  const books = (rest: string) =>
    `GET /v1/publishers/p1/books?pageSize=2${rest}&filter=authors:"Ann"&readMask=title,publishTime,name`;
  const publishers = 'GET /v1/publishers:batchGet?names=publishers/p1';
  expect(mock.calls).toEqual([
    books(''),
    publishers,
    books('&pageToken=2'),
    publishers,
    ...Array(3).fill('PATCH /v1/publishers/p1/books/b1?updateMask=title'),
    'POST /v1/publishers/p1/books/b1:withdraw',
    'POST /v1/publishers/p1/books:print',
    'GET /v1/operations/r1',
    'GET /v1/operations/r1',
  ]);
});
