import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DocumentList } from '../../../src/graph/limits/trusted/document-list.ts';
import { batchGateway, codesOf, entriesOf, sendBody } from '../../support/gateway/batch-gateway.ts';
import { servedGateway } from '../../support/gateway/served-gateway.ts';
import { plain } from '../../support/modules/small-modules.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const persisted = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(query) } });

const as = (subject: string) => ({ authorization: `Bearer ${subject}` });

/** The message of a request that is rejected as a whole, after its status. */
const rejectionIn = ({ status, body }: { readonly status: number; readonly body: { readonly errors: unknown } }) => {
  expect(body.errors).toEqual([
    { message: expect.any(String), extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) } },
  ]);
  return [status, JSON.stringify(body.errors)] as const;
};

test('without the variable a batch is rejected, whatever it contains', async () => {
  const { send, origin } = await batchGateway({ maxBatchOperations: 0 });
  for (const body of [entriesOf('{ hello }'), [], [[]], [1]]) {
    const answer = await send(body);
    expect(rejectionIn(answer)).toEqual([400, expect.stringContaining('Batches of operations are not supported')]);
  }
  const gateway = await servedGateway({ modules: [plain('a', 'type Query { a: Int }', {})] });
  expect((await sendBody(gateway.origin, entriesOf('{ a }'))).status).toBe(400);
  expect((await sendBody(origin, { query: '{ hello }' })).body).toEqual({ data: { hello: 'world' } });
});

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test('the results are in the order of the operations, whichever is ready first', async () => {
    const { send, waiting } = await batchGateway({ directEdge });
    const sending = send([
      { query: '{ slow }' },
      { query: 'query Echo($text: String) { echo(text: $text) }', variables: { text: 'b' } },
      { query: 'query A { hello } query B { count }', operationName: 'B' },
    ]);
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.release();
    const { status, body, headers } = await sending;
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    expect(body).toEqual([{ data: { slow: 1 } }, { data: { echo: 'b' } }, { data: { count: 0 } }]);
  });

  test('each result is that of the operation as a request of its own, the first time and again', async () => {
    const { send } = await batchGateway({ directEdge });
    const queries = ['{ hello }', '{ unknown }', '{', '{ fail hello }', '{ must }', '{ hidden }', '{ __typename }'];
    const withoutIds = (result: unknown) => JSON.stringify(result).replaceAll(/"requestId":"[^"]*"/g, '');
    for (let round = 0; round < 2; round += 1) {
      const { status, body } = await send(entriesOf(...queries));
      const alone = await Promise.all(queries.map(async (query) => (await send({ query })).body));
      expect([status, withoutIds(body)]).toEqual([200, withoutIds(alone)]);
    }
  });

  test('each operation has a request id of its own', async () => {
    const { send } = await batchGateway({ directEdge });
    const { body, headers } = await send(entriesOf('{ unknown }', '{ hello }', '{ fail }'), { 'x-request-id': 'mine' });
    expect(headers.get('x-request-id')).toBe('mine');
    expect([body[0].errors[0].extensions.requestId, body[2].errors[0].extensions.requestId]).toEqual([
      'mine.1',
      'mine.3',
    ]);
    const long = await send(entriesOf('{ fail }'), { 'x-request-id': 'x'.repeat(128) });
    expect(long.body[0].errors[0].extensions.requestId).toBe(`${'x'.repeat(124)}.1`);
  });

  test('the status is that of the refusals if all operations are refused alike, else 200', async () => {
    const { send } = await batchGateway({ directEdge });
    const all = await send(entriesOf('{ unknown }', '{'));
    expect([all.status, codesOf(all)]).toEqual([400, [['GRAPHQL_VALIDATION_FAILED'], ['GRAPHQL_PARSE_FAILED']]]);
    const some = await send(entriesOf('{ unknown }', '{ hello }'));
    expect([some.status, codesOf(some)]).toEqual([200, [['GRAPHQL_VALIDATION_FAILED'], []]]);
    expect((await send(entriesOf('{ fail }'))).status).toBe(200);
  });

  test('a mutation and a query of one batch are both executed', async () => {
    const { send } = await batchGateway({ directEdge });
    const { body } = await send(entriesOf('mutation { add(by: 2) }', '{ hello }', 'mutation { add(by: 3) }'));
    expect(body[1]).toEqual({ data: { hello: 'world' } });
    expect((await send({ query: '{ count }' })).body).toEqual({ data: { count: 5 } });
  });

  test('the operations of two users that arrive together have their own user each', async () => {
    const { send } = await batchGateway({ directEdge });
    const users = Array.from({ length: 20 }, (_, n) => `u${n}`);
    const answers = await Promise.all(
      users.map((user) => send(entriesOf('{ me }', '{ hidden me }', '{ other: me }'), as(user))),
    );
    expect(answers.map(({ body }) => body)).toEqual(
      users.map((me) => [{ data: { me } }, { data: { hidden: 1, me } }, { data: { other: me } }]),
    );
    expect(codesOf(await send(entriesOf('{ hidden }')))).toEqual([['UNAUTHENTICATED']]);
  });

  test('a batch above the limit is rejected before any of its entries is read', async () => {
    const { send } = await batchGateway({ directEdge, maxBatchOperations: 3 });
    expect((await send(entriesOf('{ hello }', '{ hello }', '{ hello }'))).status).toBe(200);
    const four = await send(['junk', ...entriesOf('{ hello }', '{ hello }', '{ hello }')]);
    expect(rejectionIn(four)).toEqual([400, expect.stringContaining('The batch has 4 operations. The limit is 3')]);
  });

  test.each([
    ['no entries', [], 'The batch has no operations'],
    ['a number', [1], 'Operation 1 of the batch: The body must be a JSON object'],
    ['null', [{ query: '{ hello }' }, null], 'Operation 2 of the batch'],
    ['a batch', [[{ query: '{ hello }' }]], 'Operation 1 of the batch: A batch must not contain another one'],
    ['an entry without a query', [{}], 'Operation 1 of the batch: \\"query\\" is missing'],
    ['a subscription', [{ query: 'subscription { a }' }], 'Operation 1 of the batch: Subscriptions are not supported'],
    ['variables as text', [{ query: '{ hello }', variables: '{}' }], 'Operation 1 of the batch: \\"variables\\"'],
  ])('a batch with %s is rejected as a whole, and nothing of it is executed', async (_, body, message) => {
    const { send } = await batchGateway({ directEdge });
    expect(rejectionIn(await send([...body]))).toEqual([400, expect.stringContaining(message)]);
    if (body.length > 0) await send([{ query: 'mutation { add }' }, ...body]);
    expect((await send({ query: '{ count }' })).body).toEqual({ data: { count: 0 } });
  });

  test('a response of several parts is not acceptable, also for a batch', async () => {
    const { send } = await batchGateway({ directEdge });
    const headers = { accept: 'multipart/mixed; deferSpec=20220824' };
    expect((await send(entriesOf('{ hello }'), headers)).status).toBe(406);
  });

  test('persisted queries are registered and found by the operations of a batch', async () => {
    const { send } = await batchGateway({ directEdge });
    const query = '{ hello again: hello }';
    const byHash = { extensions: persisted(query) };
    const first = await send([byHash, { query: '{ hello }' }, byHash]);
    expect([first.status, codesOf(first)]).toEqual([
      200,
      [['PERSISTED_QUERY_NOT_FOUND'], [], ['PERSISTED_QUERY_NOT_FOUND']],
    ]);
    expect(codesOf(await send([{ query, ...byHash }]))).toEqual([[]]);
    expect((await send([byHash, byHash])).body[1]).toEqual({ data: { hello: 'world', again: 'world' } });
  });

  test('operations without a trusted document are refused, the others are executed', async () => {
    const text = '{ hello }';
    const documents = new DocumentList([{ client: null, prefix: '', manifest: new Map([['d1', text]]) }]);
    const { send } = await batchGateway({
      directEdge,
      trusted: { documents: () => documents, mode: 'only', report: () => {} },
    });
    const mixed = await send([{ documentId: 'd1' }, { query: '{ count }' }, { query: text }]);
    expect([mixed.status, codesOf(mixed)]).toEqual([200, [[], ['DOCUMENT_NOT_TRUSTED'], []]]);
    expect((await send(entriesOf('{ count }', '{ me }'))).status).toBe(403);
  });

  test('the results of a batch have the size of one response together', async () => {
    const { send } = await batchGateway({ directEdge, listener: { maxResponseBytes: 10_000 } });
    const long = '{ long(length: 4000) }';
    const answer = await send(entriesOf(long, long, 'mutation { add }', long, '{ hello }'));
    expect([answer.status, codesOf(answer).flat()]).toEqual([200, ['COST_LIMIT']]);
    expect(answer.text.length).toBeLessThan(10_000);
    expect(answer.body[2]).toEqual({ data: { add: 1 } });
  });

  test('a cacheable operation does not make its batch cacheable', async () => {
    const { send } = await batchGateway({ directEdge });
    expect((await send({ query: '{ shared }' })).headers.get('cache-control')).toBe('max-age=60, public');
    const { headers } = await send(entriesOf('{ shared }', '{ shared }'));
    expect([headers.get('cache-control'), headers.get('age')]).toEqual(['no-store', null]);
  });

  test('the response of a batch is compressed as a whole', async () => {
    const { origin } = await batchGateway({ directEdge });
    const body = JSON.stringify(entriesOf('{ long(length: 3000) }', '{ hello }'));
    const bytes = await new Promise<Buffer>((resolve) => {
      const headers = { 'content-type': 'application/json', 'accept-encoding': 'gzip' };
      const sent = request(`${origin}/graphql`, { method: 'POST', headers }, async (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        resolve(Buffer.concat(await response.toArray()));
      });
      sent.end(body);
    });
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual([
      { data: { long: 'x'.repeat(3_000) } },
      { data: { hello: 'world' } },
    ]);
  });
});
