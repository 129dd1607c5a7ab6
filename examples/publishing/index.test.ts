import { reply, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import publishing from './index.ts';

const NAME = 'publishers/p1/books/b1';
const BOOK = '/v1/{id=publishers/*/books/*}';

test('a book is read with a mask of the selected fields, and its publisher with one more call', async () => {
  const urls: string[] = [];
  const api = scripted()
    .get(BOOK, ({ url }: ScriptedRequest) => {
      urls.push(decodeURIComponent(url));
      return { name: NAME, title: 'Solaris', price: { currencyCode: 'EUR', units: '7' }, readingTime: '5400.500s' };
    })
    .get('/v1/publishers:batchGet', { publishers: [{ name: 'publishers/p1', displayName: 'House' }] });
  const gateway = testBackend(publishing, { api });
  const { data } = await gateway.query(
    `{ book(id: "${NAME}") { id title price { amount currency } readingTime publisher { displayName } } }`,
  );
  expect(data.book).toEqual({
    id: NAME,
    title: 'Solaris',
    price: { amount: '7.00', currency: 'EUR' },
    readingTime: 5_400.5,
    publisher: { displayName: 'House' },
  });
  expect(urls).toEqual([`/v1/${NAME}?readMask=name,title,price,readingTime`]);
  expect(gateway.calls).toEqual([`publishing.api GET ${BOOK}`, 'publishing.api GET /v1/publishers:batchGet']);
});

test('an id that is no name of a book is BAD_USER_INPUT, and costs no call', async () => {
  const gateway = testBackend(publishing, {});
  for (const id of ['b1', 'publishers/p1', 'publishers/../books/b1', 'operations/o1']) {
    const { errors } = await gateway.query('query ($id: ID!) { book(id: $id) { title } }', { id });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  expect(gateway.calls).toEqual([]);
});

test('a book that does not exist is null', async () => {
  const api = scripted().get(BOOK, reply({ status: 404, body: { error: { status: 'NOT_FOUND' } } }));
  expect(await testBackend(publishing, { api }).query(`{ book(id: "${NAME}") { title } }`)).toEqual({
    data: { book: null },
    errors: undefined,
  });
});

test('an update sends the changed fields and their mask, with the version', async () => {
  const sent: unknown[] = [];
  const api = scripted().patch(BOOK, ({ body, query }: ScriptedRequest) => {
    sent.push(body, query.get('updateMask'));
    return { name: NAME };
  });
  const { errors } = await testBackend(publishing, { api }).query(`mutation { updateBook(input: {
    id: "${NAME}", version: "\\"1\\"", authors: null, price: { amount: "1.75", currency: "EUR" } }) { id } }`);
  expect(errors).toBeUndefined();
  expect(sent).toEqual([
    { authors: null, price: { currencyCode: 'EUR', units: '1', nanos: 750_000_000 }, etag: '"1"' },
    'authors,price',
  ]);
});

test('a print run that fails is PRINT_FAILED', async () => {
  const name = 'operations/o1';
  const api = scripted()
    .post('/v1/{publisher=publishers/*}/books:print', { name })
    .get('/v1/{id=operations/*}', { name, done: true, error: { code: 13 } });
  const gateway = testBackend(publishing, { api });
  const { errors } = await gateway.query(
    'mutation { printBooks(input: { publisher: "publishers/p1", copies: 2, requestId: "o1" }) { copies } }',
  );
  expect(errors).toMatchObject([{ extensions: { code: 'PRINT_FAILED' } }]);
});
