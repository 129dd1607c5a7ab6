import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { httpServer } from '../../../test/support/backends/hostile-http.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { BodyCollector, codingOf, decompressedBody } from './answer/decompress.ts';

const VALUE = { id: '1', name: 'Ünï '.repeat(200) };
const TEXT = JSON.stringify(VALUE);

/** A server that answers every request with these bytes and this `content-encoding`. */
const coded = (encoding: string, body: Uint8Array, status = 200) =>
  httpServer((_, response) => {
    response.writeHead(status, { 'content-encoding': encoding, 'content-length': body.length });
    // In two chunks, so that no decoder may rely on a single one.
    response.write(body.subarray(0, body.length >> 1));
    setImmediate(() => response.end(body.subarray(body.length >> 1)));
  });

const CODINGS: readonly (readonly [string, Uint8Array])[] = [
  ['gzip', gzipSync(TEXT)],
  ['X-GZIP', gzipSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['zstd', zstdCompressSync(TEXT)],
  ['identity', Buffer.from(TEXT)],
];

test.each(CODINGS)('an answer in %s is decoded without being requested', async (encoding, body) => {
  const server = await coded(encoding, body);
  const transport = transportWith({ maxResponseBytes: 2_000 });
  const { value, size, plainSize } = await transport.send(restCall({ endpoint: server.endpoint }));
  expect({ value, size, plainSize }).toEqual({ value: VALUE, size: body.length, plainSize: Buffer.byteLength(TEXT) });
});

test.each(CODINGS.slice(0, 6))('a truncated answer in %s is a bad response', async (encoding, body) => {
  const server = await coded(encoding, body.subarray(0, -3));
  const transport = transportWith({ maxResponseBytes: 2_000 });
  expect(await failureOf(transport.send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    status: null,
  });
});

test.each(['deflate, gzip', 'gzip, gzip', 'compress', 'aes128gcm', 'constructor', 'gzip;q=1'])(
  'an answer in %s is a bad response; with an error status its body is ignored',
  async (encoding) => {
    const [good, bad] = [await coded(encoding, gzipSync(TEXT)), await coded(encoding, gzipSync(TEXT), 404)];
    const transport = transportWith();
    expect(await failureOf(transport.send(restCall({ endpoint: good.endpoint })))).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    });
    expect(await failureOf(transport.send(restCall({ endpoint: bad.endpoint })))).toMatchObject({ code: 'NOT_FOUND' });
  },
);

test('a body that does not match its content-encoding is a bad response; an error status keeps its code', async () => {
  const [good, bad] = [await coded('br', Buffer.from(TEXT)), await coded('gzip', Buffer.from(TEXT), 503)];
  const transport = transportWith({ maxResponseBytes: 2_000 });
  expect(await failureOf(transport.send(restCall({ endpoint: good.endpoint })))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
  });
  expect(await failureOf(transport.send(restCall({ endpoint: bad.endpoint })))).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
});

test('problem details may be compressed', async () => {
  const server = await coded('gzip', gzipSync('{"type":"/problems/sold-out"}'), 409);
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'CONFLICT',
    details: { problem: 'sold-out' },
  });
});

test('an empty body with a content-encoding has no value', async () => {
  const server = await httpServer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end());
  expect((await transportWith().send(restCall({ endpoint: server.endpoint }))).value).toBeUndefined();
});

test('the compression option sends accept-encoding', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  await transportWith({ compression: true }).send(restCall({ endpoint: server.endpoint }));
  expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, br, zstd');
});

test('the size limit applies to the decoded answer', async () => {
  const text = JSON.stringify('x'.repeat(998));
  const [right, over] = [await coded('gzip', gzipSync(text)), await coded('gzip', gzipSync(`${text} `))];
  const transport = transportWith();
  expect((await transport.send(restCall({ endpoint: right.endpoint }))).value).toHaveLength(998);
  expect(await failureOf(transport.send(restCall({ endpoint: over.endpoint })))).toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
  });
});

test('a call cancelled during decoding rejects with the reason of its signal', async () => {
  const server = await httpServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.write(gzipSync(TEXT).subarray(0, 30));
  });
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = transportWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((e: unknown) => e);
  await vi.waitUntil(() => server.requests.length === 1, LONG_WAIT);
  caller.abort(gone);
  expect(await result).toBe(gone);
  await vi.waitUntil(() => server.sockets.size === 0, LONG_WAIT);
});

test('a destroyed body emits no event', async () => {
  const events = { ready: vi.fn(), done: vi.fn(), tooLarge: vi.fn(), broken: vi.fn() };
  const body = decompressedBody('gzip', new BodyCollector(10, events), events);
  body.write(gzipSync(TEXT));
  body.end();
  body.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(Object.values(events).flatMap(({ mock }) => mock.calls)).toEqual([]);
});

test('content-encoding names are matched without case and surrounding spaces', () => {
  expect([undefined, '', ' GZIP ', 'x-gzip', 'br', 'toString'].map(codingOf)).toEqual([
    'identity',
    'identity',
    'gzip',
    'gzip',
    'br',
    null,
  ]);
});
