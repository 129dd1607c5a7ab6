import { once } from 'node:events';
import { expect, test } from 'vitest';
import { httpServer, rawServer } from '../../../test/support/backends/hostile-http.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import type { UpstreamError } from '../../core/errors.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test('without `redirects`, a redirect is a bad response', async () => {
  const elsewhere = await httpServer((_, response) => response.end('{}'));
  const server = await httpServer((_, response) =>
    response.writeHead(302, { location: elsewhere.endpoint.url.href }).end(),
  );
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
  });
  expect([server.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
});

test.each(['<!doctype html>', '{"id":', 'undefined', '\u0000', '{}{}'])(
  'a good status with %j is a bad response, and its error does not contain the body',
  async (body) => {
    const server = await httpServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(body),
    );
    const error = await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })));
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: expect.stringContaining('(text/html)') });
    expect(error.message).not.toContain(body);
  },
);

test('an error status determines the error, whatever its body contains', async () => {
  const server = await httpServer(({ url }, response) => {
    if (url === '/problem')
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end('{"type":"/problems/sold-out"}');
    else response.writeHead(503).end('<h1>Sorry</h1>');
  });
  const transport = transportWith();
  const at = (target: string) => failureOf(transport.send(restCall({ endpoint: server.endpoint }, { target })));
  expect(await at('/problem')).toMatchObject({ code: 'CONFLICT', details: { problem: 'sold-out' } });
  expect(await at('/html')).toMatchObject({ code: 'SERVICE_UNAVAILABLE', details: undefined });
});

const broken: readonly (readonly [string, string])[] = [
  ['that ends before its content-length', `${ok}content-length: 100\r\n\r\n{"a":`],
  ['that ends within a chunk', `${ok}transfer-encoding: chunked\r\n\r\n50\r\n{"a":1}`],
  ['that ends before the last chunk', `${ok}transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n`],
  ['that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['that ends within its headers', `${ok}x-a: b`],
  ['with two lengths', `${ok}content-length: 2\r\ncontent-length: 7\r\n\r\n{"a":1}`],
  ['with a length that is not a number', `${ok}content-length: seven\r\n\r\n{"a":1}`],
  ['with headers larger than 64 KB', `${ok}x-a: ${'b'.repeat(65_536)}\r\ncontent-length: 2\r\n\r\n{}`],
];

test.each(broken)('an answer %s is a failed connection, never half a value', async (_, bytes) => {
  const server = await rawServer((socket) => socket.end(bytes));
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_ERROR',
    status: null,
  });
});

test.each([
  ['before the headers', ''],
  ['after the headers', `${ok}content-length: 100\r\n\r\n{`],
])('a connection that is reset %s is a failed connection', async (_, bytes) => {
  const server = await rawServer((socket) => {
    if (bytes === '') socket.resetAndDestroy();
    else socket.write(bytes, () => socket.resetAndDestroy());
  });
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_ERROR',
    status: null,
  });
});

test.each([
  ['{"id":1}', { id: 1 }],
  ['"1"', '1'],
  ['1', 'UPSTREAM_BAD_RESPONSE'],
  ['{"id":', 'UPSTREAM_BAD_RESPONSE'],
])('%s without a length ends with the connection and is %j', async (text, expected) => {
  const server = await rawServer((socket) => socket.end(`${ok}connection: close\r\n\r\n${text}`));
  const result = await transportWith()
    .send(restCall({ endpoint: server.endpoint }))
    .then(
      ({ value }) => value,
      (error: UpstreamError) => error.code,
    );
  expect(result).toEqual(expected);
});

test('a number with a known length is a value', async () => {
  const server = await httpServer(({ url }, response) => {
    if (url === '/long') response.setHeader('content-length', 2);
    response.end('12');
  });
  const transport = transportWith();
  for (const target of ['/long', '/chunked'])
    expect((await transport.send(restCall({ endpoint: server.endpoint }, { target }))).value).toBe(12);
});

test('bytes after the end of an answer never become the answer to another call', async () => {
  const smuggled = `${ok}content-length: 14\r\n\r\n{"id":"other"}`;
  const server = await rawServer((socket, number) =>
    socket.write(
      number === 1
        ? `${ok}content-length: 2\r\n\r\n{}${smuggled}`
        : `${ok}content-length: 10\r\n\r\n{"id":"me"}`.replace('10', '11'),
    ),
  );
  const transport = transportWith({ limits: { connections: 1 } });
  expect((await transport.send(restCall({ endpoint: server.endpoint }))).value).toEqual({});
  const second = await transport.send(restCall({ endpoint: server.endpoint })).then(
    ({ value }) => value,
    (error: UpstreamError) => error.code,
  );
  expect([{ id: 'me' }, 'UPSTREAM_ERROR']).toContainEqual(second);
});

test('an answer with a content-length above the limit is aborted before its body', async () => {
  const server = await rawServer((socket) => socket.write(`${ok}content-length: 1001\r\n\r\n`));
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
  });
});

test('an endless answer is cut off at the limit, and its connection is closed', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const server = await httpServer((_, response) => {
    closed = once(response, 'close');
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(500)));
    };
    response.on('drain', more);
    more();
  });
  expect(await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })))).toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
  });
  await closed;
});

test('an answer of exactly the maximum size is accepted', async () => {
  const server = await httpServer((_, response) => response.end(JSON.stringify('x'.repeat(998))));
  expect(await transportWith().send(restCall({ endpoint: server.endpoint }))).toMatchObject({ size: 1_000 });
});
