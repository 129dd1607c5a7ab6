import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { restCall } from '../../../test/support/calls.ts';
import { httpServer } from '../../../test/support/hostile-http.ts';
import { PATIENT } from '../../../test/support/patience.ts';
import { failureOf, wireWith } from '../../../test/support/rest-wire.ts';
import { bodyOf, codingOf } from './decode.ts';

const VALUE = { id: '1', name: 'Ünï '.repeat(200) };
const TEXT = JSON.stringify(VALUE);

/** A server that answers everything with these bytes, said to be coded so. */
const coded = (encoding: string, body: Uint8Array, status = 200) =>
  httpServer((_, response) => {
    response.writeHead(status, { 'content-encoding': encoding, 'content-length': body.length });
    // In two parts, so that no coding may count on one.
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

test.each(CODINGS)('an answer in %s is read, though nobody asked for it', async (encoding, body) => {
  const server = await coded(encoding, body);
  const { value, size } = await wireWith({ maxResponseBytes: 2_000 }).send(restCall({ endpoint: server.endpoint }));
  expect({ value, size }).toEqual({ value: VALUE, size: body.length });
});

test.each(CODINGS.slice(0, 6))('half an answer in %s is none', async (encoding, body) => {
  const server = await coded(encoding, body.subarray(0, -3));
  const wire = wireWith({ maxResponseBytes: 2_000 });
  expect(await failureOf(wire.send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    status: null,
  });
});

test.each(['deflate, gzip', 'gzip, gzip', 'compress', 'aes128gcm', 'constructor', 'gzip;q=1'])(
  'an answer in %s does not fit; beside a bad status it is not even looked at',
  async (encoding) => {
    const [good, bad] = [await coded(encoding, gzipSync(TEXT)), await coded(encoding, gzipSync(TEXT), 404)];
    const wire = wireWith();
    expect(await failureOf(wire.send(restCall({ endpoint: good.endpoint })))).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    });
    expect(await failureOf(wire.send(restCall({ endpoint: bad.endpoint })))).toMatchObject({ code: 'NOT_FOUND' });
  },
);

test('what is not what its coding says does not fit, and a bad status stays what it is', async () => {
  const [good, bad] = [await coded('br', Buffer.from(TEXT)), await coded('gzip', Buffer.from(TEXT), 503)];
  const wire = wireWith({ maxResponseBytes: 2_000 });
  expect(await failureOf(wire.send(restCall({ endpoint: good.endpoint })))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
  });
  expect(await failureOf(wire.send(restCall({ endpoint: bad.endpoint })))).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
});

test('problem details may be compressed like anything else', async () => {
  const server = await coded('gzip', gzipSync('{"type":"/problems/sold-out"}'), 409);
  expect(await failureOf(wireWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'CONFLICT',
    details: { problem: 'sold-out' },
  });
});

test('no body is no value, in whatever coding', async () => {
  const server = await httpServer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end());
  expect((await wireWith().send(restCall({ endpoint: server.endpoint }))).value).toBeUndefined();
});

test('compressed answers are asked for where that is wanted', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  await wireWith({ compression: true }).send(restCall({ endpoint: server.endpoint }));
  expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, br, zstd');
});

test('the limit is that of the answer as it is read', async () => {
  const text = JSON.stringify('x'.repeat(998));
  const [right, over] = [await coded('gzip', gzipSync(text)), await coded('gzip', gzipSync(`${text} `))];
  const wire = wireWith();
  expect((await wire.send(restCall({ endpoint: right.endpoint }))).value).toHaveLength(998);
  expect(await failureOf(wire.send(restCall({ endpoint: over.endpoint })))).toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
  });
});

test('a caller who leaves while an answer is decoded has its reason', async () => {
  const server = await httpServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.write(gzipSync(TEXT).subarray(0, 30));
  });
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = wireWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((e: unknown) => e);
  await vi.waitUntil(() => server.requests.length === 1, PATIENT);
  caller.abort(gone);
  expect(await result).toBe(gone);
  await vi.waitUntil(() => server.sockets.size === 0, PATIENT);
});

test('a body that was let go says nothing more', async () => {
  const events = { ready: vi.fn(), done: vi.fn(), tooLarge: vi.fn(), broken: vi.fn() };
  const body = bodyOf('gzip', 10, events);
  body.write(gzipSync(TEXT));
  body.end();
  body.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(Object.values(events).flatMap(({ mock }) => mock.calls)).toEqual([]);
});

test('a coding is known by its name alone', () => {
  expect([undefined, '', ' GZIP ', 'x-gzip', 'br', 'toString'].map(codingOf)).toEqual([
    'identity',
    'identity',
    'gzip',
    'gzip',
    'br',
    null,
  ]);
});
