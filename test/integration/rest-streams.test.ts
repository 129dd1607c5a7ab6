import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UpstreamError } from '../../src/core/errors.ts';
import { allClosed, rejectionOf, servedClient } from '../support/upstream/rest-client-over.ts';

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

test('a compressed stream is decoded, and bounded by its decoded size', async () => {
  const { client } = await servedClient(answering(gzipSync('x'.repeat(5_000)), { 'content-encoding': 'gzip' }));
  expect(await collected(await client.get('/x', { as: 'stream' }))).toBe('x'.repeat(5_000));
  const small = await servedClient(answering(gzipSync('x'.repeat(200_000)), { 'content-encoding': 'gzip' }), {
    maxResponseBytes: 100_000,
  });
  expect(await rejectionOf(small.client.get('/x', { as: 'stream' }).then(collected))).toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
  });
});

test('a large stream arrives whole, in order and at the pace of its reader', async () => {
  const chunk = Buffer.alloc(65_536);
  let written = 0;
  const { client, upstream } = await servedClient(
    async (reply) => {
      reply.writeHead(200);
      for (let at = 0; at < 64; at += 1) {
        chunk.fill(at);
        written += chunk.length;
        if (!reply.write(Buffer.from(chunk))) await once(reply, 'drain');
      }
      reply.end();
    },
    { maxResponseBytes: 8_000_000 },
  );
  const stream = await client.get('/x', { as: 'stream' });
  expect(upstream.status().calls.inFlight).toBe(1);
  let size = 0;
  for await (const bytes of stream) {
    expect(bytes[0]).toBe(Math.floor(size / chunk.length));
    size += bytes.length;
  }
  expect(size).toBe(written);
  expect(upstream.status().calls.inFlight).toBe(0);
});

/** A server that sends one chunk and then nothing. */
const endless = (options = {}) =>
  servedClient((reply) => {
    reply.writeHead(200);
    reply.write('first');
  }, options);

test('a reader that stops frees the connection and the place of its call', async () => {
  const { client, upstream, sockets } = await endless();
  for await (const chunk of await client.get('/x', { as: 'stream' })) {
    expect(Buffer.from(chunk).toString()).toBe('first');
    break;
  }
  await allClosed(sockets);
  expect(upstream.status().calls.inFlight).toBe(0);
});

test('the end of the request ends a stream that nothing reads, and one that is read', async () => {
  const { client, upstream, sockets, cancel } = await endless();
  await client.get('/x', { as: 'stream' });
  const read = rejectionOf(collected(await client.get('/y', { as: 'stream' })));
  const reason = new Error('the client has left');
  cancel.abort(reason);
  expect(await read).toBe(reason);
  await allClosed(sockets);
  expect(upstream.status().calls.inFlight).toBe(0);
});

test('a connection that is lost in a stream fails its reader after the chunks before', async () => {
  const { client } = await servedClient((reply) => {
    reply.writeHead(200);
    reply.write('first');
    setImmediate(() => reply.destroy());
  });
  const chunks: string[] = [];
  const read = async () => {
    for await (const chunk of await client.get('/x', { as: 'stream' })) chunks.push(Buffer.from(chunk).toString());
  };
  expect(await rejectionOf(read())).toBeInstanceOf(UpstreamError);
  expect(chunks).toEqual(['first']);
});

test('a stream is read once, and two equal calls have two streams', async () => {
  const { client, requests } = await servedClient(answering('x'));
  const [one, other] = await Promise.all([client.get('/x', { as: 'stream' }), client.get('/x', { as: 'stream' })]);
  expect([await collected(one), await collected(other)]).toEqual(['x', 'x']);
  expect(requests).toHaveLength(2);
  expect(await rejectionOf(collected(one))).toMatchObject({ message: expect.stringContaining('only once') });
});
