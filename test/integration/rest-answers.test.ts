import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { codec } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AnswerForm } from '../../src/upstream/call.ts';
import { rejectionOf, servedClient } from '../support/upstream/rest-client-over.ts';

const response = z.unknown();
const csv = codec({ type: 'text/csv', decode: (text) => text.split('\n').map((line) => line.split(',')) });
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

/** Answers with these bytes. */
const answering =
  (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, status = 200) =>
  (reply: ServerResponse) =>
    void reply.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);

const collected = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
};

const TEXT = 'a,b\nc,ü';

test.each<[AnswerForm | typeof csv, string, unknown]>([
  ['text', 'text/*, */*;q=0.5', TEXT],
  ['bytes', '*/*', bytesOf(TEXT)],
  ['none', '*/*', undefined],
  [csv, 'text/csv', [['a', 'b'], ['c', 'ü']]], // biome-ignore format: a table
])('as: %s requests its type and has its value', async (as, accept, value) => {
  const { client, requests } = await servedClient(answering(TEXT));
  expect(await client.get('/x', { as, response })).toEqual(value);
  expect(await client.post('/x', { as, response })).toEqual(value);
  expect(await client.get('/x', { as, headers: { accept: 'a/b' }, response })).toEqual(value);
  expect(requests.map(({ headers }) => headers.accept)).toEqual([accept, accept, 'a/b']);
});

test('without a validator, text, bytes, stream and none have their own types', async () => {
  const { client } = await servedClient(answering('ü'));
  const text: string = await client.get('/x', { as: 'text' });
  const bytes: Uint8Array = await client.get('/x', { as: 'bytes' });
  const stream: AsyncIterable<Uint8Array> = await client.get('/x', { as: 'stream' });
  const none: undefined = await client.get('/x', { as: 'none' });
  expect([text, bytes, await collected(stream), none]).toEqual(['ü', bytesOf('ü'), 'ü', undefined]);
});

test('a validator sees the decoded value', async () => {
  const { client } = await servedClient(answering('7'));
  expect(await client.get('/x', { as: 'text', response: z.coerce.number() })).toBe(7);
  expect(await rejectionOf(client.get('/x', { as: csv, response: z.array(z.string()) }))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
  });
});

test('text is decoded by its charset, and bytes that are invalid in it are a bad response', async () => {
  const latin = Buffer.from('caf\xe9', 'latin1');
  const { client } = await servedClient((reply, { url }) =>
    answering(latin, { 'content-type': `text/plain; charset=${url?.slice(1)}` })(reply),
  );
  expect(await client.get('/latin1', { as: 'text' })).toBe('café');
  expect(await rejectionOf(client.get('/utf-8', { as: 'text' }))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  expect(await client.get('/utf-8', { as: 'bytes' })).toEqual(new Uint8Array(latin));
});

test('an answer that its codec cannot decode is a bad response, without its text', async () => {
  const { client } = await servedClient(answering('secret'));
  const broken = codec({
    type: 'application/xml',
    decode: (text) => {
      throw new Error(`no XML: ${text}`);
    },
  });
  const error = await rejectionOf(client.get('/x', { as: broken, response }));
  expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  expect(String(error)).toBe(
    'UpstreamError: shop.api: GET /x: the answer is not application/xml (UPSTREAM_BAD_RESPONSE)',
  );
});

test.each<[AnswerForm | typeof csv, unknown]>([
  ['json', undefined],
  ['text', ''],
  ['bytes', new Uint8Array()],
  ['none', undefined],
  [csv, undefined],
])('204 and an empty body as %s', async (as, value) => {
  const { client } = await servedClient((reply, { url }) =>
    url === '/204' ? void reply.writeHead(204).end() : answering('')(reply),
  );
  expect(await client.get('/204', { as, response })).toEqual(value);
  expect(await client.get('/200', { as, response })).toEqual(value);
});

test('an empty stream ends at once', async () => {
  const { client } = await servedClient((reply) => void reply.writeHead(204).end());
  expect(await collected(await client.get('/x', { as: 'stream' }))).toBe('');
});

test.each<AnswerForm>(['json', 'text', 'bytes', 'none', 'stream'])(
  'a refusal has its problem details, whatever the form: %s',
  async (as) => {
    const problem = JSON.stringify({ type: '/taken' });
    const { client } = await servedClient(answering(problem, { 'content-type': 'application/problem+json' }, 409));
    expect(await rejectionOf(client.get('/x', { as, response }))).toMatchObject({
      code: 'CONFLICT',
      details: { problem: 'taken' },
    });
  },
);

test.each<AnswerForm>(['json', 'text', 'bytes', 'none', 'stream'])(
  '206 as %s is accepted with range only',
  async (as) => {
    const { client } = await servedClient(answering('1', { 'content-range': 'bytes 0-0/9' }, 206));
    expect(await rejectionOf(client.get('/x', { as, response }))).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      status: 206,
    });
    await client.get('/x', { as, headers: { range: 'bytes=0-0' }, response });
  },
);

test.each<AnswerForm>(['text', 'bytes', 'stream'])(
  '%s without a length is refused, because a cut would go unnoticed',
  async (as) => {
    const { client } = await servedClient(
      (reply) => {
        reply.socket?.end('HTTP/1.1 200 OK\r\n\r\nhalf of the te');
      },
      { retry: false },
    );
    expect(await rejectionOf(client.get('/x', { as, response }))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  },
);

test.each<AnswerForm>(['text', 'bytes', 'none', 'stream'])('%s is bounded by maxResponseBytes', async (as) => {
  const { client } = await servedClient((reply) => void reply.end(gzipSync('x'.repeat(1_001))).end(), {
    maxResponseBytes: 1_000,
  });
  const plain = await servedClient(
    (reply) => {
      reply.write('x'.repeat(500));
      reply.end('x'.repeat(501));
    },
    { maxResponseBytes: 1_000 },
  );
  const read = async (api: typeof client) => {
    const value: unknown = await api.get('/x', { as, response });
    return as === 'stream' ? collected(value as AsyncIterable<Uint8Array>) : value;
  };
  expect(await rejectionOf(read(plain.client))).toMatchObject({ code: 'UPSTREAM_RESPONSE_TOO_LARGE' });
});

test('equal reads share a call only if their forms are equal', async () => {
  const { client, requests } = await servedClient(answering('7'));
  const values = await Promise.all([
    client.get('/x', { response }),
    client.get('/x', { as: 'bytes' }),
    client.get('/x', { as: 'bytes' }),
    client.get('/x', { as: 'none', headers: { accept: '*/*' } }),
  ]);
  expect(values).toEqual([7, bytesOf('7'), bytesOf('7'), undefined]);
  expect(requests).toHaveLength(3);
});

test('full has status, headers and location', async () => {
  const { client } = await servedClient(answering('1', { location: '../orders/7?x=1', etag: '"e"' }, 201));
  const full = await client.post.full('/shop/orders', { body: {}, response });
  expect(full).toMatchObject({ value: 1, status: 201, headers: { etag: '"e"' }, location: '/orders/7?x=1' });
  expect((await client.get.full('/x', { as: 'text' })).value).toBe('1');
});

test.each([
  [undefined, null],
  ['/orders/7', '/orders/7'],
  ['7', '/shop/7'],
  ['?page=2', '/shop/orders?page=2'],
  ['https://user:secret@other.internal/orders/7', 'https://other.internal/orders/7'],
  ['//other.internal/a', 'http://other.internal/a'],
  ['javascript:alert(1)', null],
  ['http://[', null],
])('the location %s is %s', async (location, expected) => {
  const { client } = await servedClient(answering('1', location === undefined ? {} : { location }));
  expect((await client.get.full('/shop/orders', { response })).location).toBe(expected);
});

test('head returns status and headers, also of an answer larger than the limit, and shares equal calls', async () => {
  const { client, requests } = await servedClient(
    (reply) => void reply.writeHead(200, { 'content-length': 5_000, 'content-encoding': 'unknown', etag: '"e"' }).end(),
    { maxResponseBytes: 1_000 },
  );
  const [one] = await Promise.all([client.head('/x'), client.head('/x')]);
  expect(one).toMatchObject({ status: 200, headers: { etag: '"e"', 'content-length': '5000' } });
  await client.head('/x/{id}', { path: { id: 'a/b' }, query: { q: 1 } });
  expect(requests.map(({ line }) => line)).toEqual(['HEAD /x', 'HEAD /x/a%2Fb?q=1']);
});

test('head of a missing resource is NOT_FOUND', async () => {
  const { client } = await servedClient((reply) => void reply.writeHead(404).end());
  expect(await rejectionOf(client.head('/x'))).toMatchObject({ code: 'NOT_FOUND', status: 404 });
});

test('an unknown form fails the call', async () => {
  const { client } = await servedClient();
  // @ts-expect-error types do not let this pass
  expect(await rejectionOf(client.get('/x', { as: 'xml', response }))).toMatchObject({
    message: expect.stringContaining('as: "xml" is unknown'),
  });
});
