import { Readable } from 'node:stream';
import { file } from 'tributary/backend';
import { expect, test } from 'vitest';
import type { RestClient } from '../../src/backend/rest/rest-client.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import {
  allClosed,
  clientOf,
  type ReceivedRequest,
  rejectionOf,
  servedClient,
} from '../support/upstream/rest-client-over.ts';

const none = { as: 'none' } as const;

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** A stream without an end, which records that it was closed. */
const endless = () => {
  const closed = Promise.withResolvers<void>();
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield Buffer.alloc(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closed.resolve();
    }
  }
  return { stream: generate(), closed: closed.promise };
};

const parsed = ({ bytes, headers }: ReceivedRequest): Promise<FormData> =>
  new Response(new Uint8Array(bytes), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();

test('a multipart body arrives with its fields and files, and its length', async () => {
  const { client, requests } = await servedClient();
  const photo = file({ content: new Uint8Array([0, 255]), name: 'c"at.png', type: 'image/png' });
  await client.post('/x', {
    multipart: { a: 'ü', n: 1, none: null, of: { b: [1, 2] }, photo, more: [photo] },
    ...none,
  });
  const [request] = requests;
  if (request === undefined) throw new Error('no request');
  const form = await parsed(request);
  expect([...form].map(([name, value]) => [name, value instanceof File ? value.name : value])).toEqual([
    ['a', 'ü'],
    ['n', '1'],
    ['of[b][]', '1'],
    ['of[b][]', '2'],
    ['photo', 'c"at.png'],
    ['more[]', 'c"at.png'],
  ]);
  expect(request.headers['content-length']).toBe(String(request.bytes.length));
});

const streams: readonly [string, (client: RestClient) => Promise<unknown>, string][] = [
  ['bytes', (client) => client.post('/x', { bytes: chunks('a', '', 'bc'), ...none }), 'abc'],
  ['a Readable', (client) => client.put('/x', { bytes: Readable.from([Buffer.from('abc')]), ...none }), 'abc'],
];

test.each(streams)('a stream of %s is sent in chunks', async (_what, call, body) => {
  const { client, requests } = await servedClient();
  await call(client);
  const [{ headers, bytes } = { headers: {}, bytes: null }] = requests;
  expect({ text: String(bytes), coding: headers['transfer-encoding'], type: headers['content-type'] }).toEqual({
    text: body,
    coding: 'chunked',
    type: 'application/octet-stream',
  });
});

test('a stream without a chunk is an empty body', async () => {
  const { client, requests } = await servedClient();
  await client.post('/x', { bytes: chunks(), ...none });
  expect(requests[0]?.headers['content-length']).toBe('0');
});

test('a multipart body with streams is sent in chunks, in order', async () => {
  const { client, requests } = await servedClient();
  const of = (...texts: string[]) => file({ content: chunks(...texts), name: 'f.txt', type: 'text/plain' });
  await client.post('/x', { multipart: { a: 1, f: of('x', 'y'), b: 2, g: of('z') }, ...none });
  const [request] = requests;
  if (request === undefined) throw new Error('no request');
  const entries = [...(await parsed(request))].map(async ([name, value]) => [
    name,
    value instanceof File ? await value.text() : value,
  ]);
  expect(await Promise.all(entries)).toEqual([
    ['a', '1'],
    ['f', 'xy'],
    ['b', '2'],
    ['g', 'z'],
  ]);
  expect(request.headers['transfer-encoding']).toBe('chunked');
});

test('a stream from one call is the body of another, without being collected', async () => {
  const source = await servedClient((reply) => void reply.end('from the other'));
  const { client, requests } = await servedClient();
  await client.post('/x', { bytes: await source.client.get('/y', { as: 'stream' }), ...none });
  expect(String(requests[0]?.bytes)).toBe('from the other');
});

test('a stream larger than maxRequestBytes is cut, closed, and never complete at the server', async () => {
  const { client, requests, begun } = await servedClient(undefined, { maxRequestBytes: 200_000 });
  const { stream, closed } = endless();
  const error = await rejectionOf(client.post('/x', { bytes: stream, idempotencyKey: 'k', ...none }));
  expect(error).toMatchObject({ message: 'shop.api: POST /x: the body has more than 200000 bytes (maxRequestBytes).' });
  await closed;
  expect([begun(), requests.length]).toEqual([1, 0]);
});

test('a source that fails ends the call with its error, and counts against no endpoint', async () => {
  const { client, upstream, requests } = await servedClient();
  const failure = new Error('the disk is gone');
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    throw failure;
  }
  for (let at = 0; at < 10; at += 1)
    expect(await rejectionOf(client.post('/x', { bytes: broken(), idempotencyKey: 'k', ...none }))).toBe(failure);
  expect(requests).toEqual([]);
  expect(upstream.status().total).toMatchObject({ attempts: 10, failedAttempts: 0, retries: 0 });
  await client.post('/x', { bytes: chunks('a'), ...none });
});

test('a source that yields no bytes fails the call', async () => {
  const { client } = await servedClient();
  const error = await rejectionOf(client.post('/x', { bytes: Readable.from(['text']), ...none }));
  expect(error).toMatchObject({ message: 'shop.api: POST /x: a stream in a body must yield Uint8Array.' });
});

test('a cancelled request closes the stream and the connection', async () => {
  const { client, cancel, sockets, begun } = await servedClient(undefined, { maxRequestBytes: 1e12 });
  const { stream, closed } = endless();
  const call = rejectionOf(client.post('/x', { bytes: stream, ...none }));
  while (begun() === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new Error('the client has left');
  cancel.abort(reason);
  expect(await call).toBe(reason);
  await closed;
  await allClosed(sockets);
});

test('a server that closes in the middle fails the call; a stream is not sent again, a body in memory is', async () => {
  const lost: string[] = [];
  await using backend = await rawBackend((request) => {
    lost.push(request.headers['content-length'] ?? 'chunked');
    request.once('data', () => request.socket.destroy());
  });
  const { client } = clientOf(backend.url, { maxRequestBytes: 1e12 });
  const options = { idempotencyKey: 'k', ...none };
  const { stream, closed } = endless();
  expect(await rejectionOf(client.post('/x', { bytes: stream, ...options }))).toMatchObject({ code: 'UPSTREAM_ERROR' });
  await closed;
  expect(lost).toEqual(['chunked']);
  expect(await rejectionOf(client.post('/x', { bytes: Buffer.from('abc'), ...options }))).toMatchObject({
    code: 'UPSTREAM_ERROR',
  });
  expect(lost).toEqual(['chunked', '3', '3', '3']);
});

test('a refusal before the end of the body is the error of the call, and closes the stream', async () => {
  await using backend = await rawBackend((request, response) => {
    request.once('data', () => response.writeHead(409, { 'content-length': 2 }).end('{}'));
  });
  const { client } = clientOf(backend.url, { maxRequestBytes: 1e12 });
  const { stream, closed } = endless();
  expect(await rejectionOf(client.post('/x', { bytes: stream, ...none }))).toMatchObject({ code: 'CONFLICT' });
  await closed;
});

test('a stream that was never begun is released, and a call that never connected may be sent again', async () => {
  const { client } = clientOf('http://127.0.0.1:1', { retry: { baseMs: 0, maxMs: 0 } });
  const source = Readable.from([Buffer.from('a')]);
  expect(await rejectionOf(client.post('/x', { bytes: source, ...none }))).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
  expect(source.destroyed).toBe(true);
});

test('the bodies of streams are never shared between calls', async () => {
  const { client, requests } = await servedClient();
  await Promise.all([
    client.post('/x', { bytes: chunks('a'), ...none }),
    client.post('/x', { bytes: chunks('a'), ...none }),
  ]);
  expect(requests).toHaveLength(2);
});
