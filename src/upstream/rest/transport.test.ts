import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { httpServer, rawServer } from '../../../test/support/backends/hostile-http.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { freePort } from '../../../test/support/processes/ports.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { neverProcessed } from '../outcome.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test('a read sends one request for its target below the base path, and its value is the parsed JSON', async () => {
  const server = await httpServer((_, response) => response.end('{"id":"1"}'), '/v1/');
  const call = restCall(
    { endpoint: server.endpoint, headers: { 'x-request-id': 'r-1' } },
    { target: '/things/a%2Fb?first=2' },
  );
  expect(await transportWith().send(call)).toMatchObject({ status: 200, size: 10, value: { id: '1' } });
  expect(server.requests).toEqual([
    {
      method: 'GET',
      url: '/v1/things/a%2Fb?first=2',
      headers: {
        host: server.endpoint.url.host,
        connection: 'keep-alive',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'tributary',
        'x-request-id': 'r-1',
      },
      body: '',
    },
  ]);
});

test('a body is sent as JSON in UTF-8', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  await transportWith().send(restCall({ endpoint: server.endpoint }, { method: 'POST', body: '{"name":"Ünï 日本"}' }));
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    body: '{"name":"Ünï 日本"}',
    headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength('{"name":"Ünï 日本"}')) },
  });
});

test.each([
  [10_000, '7500'],
  [2_501.9, '1'],
  [2_500, '1'],
  [0, '1'],
  [Number.POSITIVE_INFINITY, undefined],
])('with a deadline at %d ms and the clock at 2,500 ms, the deadline header is %s', async (deadline, header) => {
  const server = await httpServer((_, response) => response.end('{}'));
  const clock = manualClock();
  clock.advance(2_500);
  await transportWith({ clock, deadlineHeader: 'x-left-ms' }).send(restCall({ endpoint: server.endpoint, deadline }));
  expect(server.requests[0]?.headers['x-left-ms']).toBe(header);
});

test('the deadline header of the transport overrides a header of the call', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const call = restCall({ endpoint: server.endpoint, headers: { 'x-left-ms': '99999' } });
  await transportWith({ clock: manualClock(), deadlineHeader: 'x-left-ms' }).send(call);
  expect(server.requests[0]?.headers['x-left-ms']).toBe('10000');
});

test('the codes of the upstream determine the error of a status', async () => {
  const server = await httpServer((_, response) => response.writeHead(418).end());
  const call = restCall({ endpoint: server.endpoint });
  expect((await failureOf(transportWith({ codes: { 418: 'CONFLICT' } }).send(call))).code).toBe('CONFLICT');
  expect((await failureOf(transportWith().send(call))).code).toBe('UPSTREAM_ERROR');
});

test.each(['..', '//evil', '@evil.com', 'http://evil', '\\\\evil', 'a?x=1', 'a#f', '%2e%2e', 'a\r\nHost: evil'])(
  'an id of %j arrives unchanged at the right server',
  async (id) => {
    const server = await httpServer((_, response) => response.end('{}'));
    const target = `/things/${encodeURIComponent(id)}`;
    await transportWith().send(restCall({ endpoint: server.endpoint }, { target }));
    expect(server.requests.map(({ url, headers }) => [url, headers.host])).toEqual([
      [target, server.endpoint.url.host],
    ]);
  },
);

test('sequential calls share a connection', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const transport = transportWith();
  for (let sent = 0; sent < 5; sent++) await transport.send(restCall({ endpoint: server.endpoint }));
  expect(server.requests).toHaveLength(5);
  // A second connection is opened if the next call comes before the parser has finished the last answer.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test.each([
  ['204', (head: string) => `HTTP/1.1 204 No Content\r\n${head}\r\n`],
  ['an empty 200', (head: string) => `HTTP/1.1 200 OK\r\n${head}content-length: 0\r\n\r\n`],
])('%s has no value', async (_, answer) => {
  const server = await rawServer((socket) => socket.write(answer('x-tag: a\r\n')));
  const { value, size, headers } = await transportWith().send(restCall({ endpoint: server.endpoint }));
  expect({ value, size, tag: headers['x-tag'] }).toEqual({ value: undefined, size: 0, tag: 'a' });
});

const EARLY = 'HTTP/1.1 103 Early Hints\r\ncontent-length: 5000\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const FINAL = `${ok}content-length: 7\r\n\r\n{"a":1}`;

describe.each(['GET', 'POST'] as const)('of a %s', (method) => {
  const message = { method, body: method === 'GET' ? null : '{}' };

  test.each([
    ['103', EARLY + EARLY],
    ['100', CONTINUE],
    ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['100 with headers', 'HTTP/1.1 100 Continue\r\nserver: x\r\ncontent-length: 5000\r\n\r\n'],
    ['100, 103 and 100', CONTINUE + EARLY + CONTINUE],
    ['32 of 100', CONTINUE.repeat(32)],
  ])('interim answers are skipped: %s', async (_, interim) => {
    const server = await rawServer((socket) => socket.write(interim + FINAL));
    expect(await transportWith().send(restCall({ endpoint: server.endpoint }, message))).toMatchObject({
      status: 200,
      value: { a: 1 },
    });
    expect(server.asked()).toBe(1);
  });

  test('a 100 that arrives byte by byte is skipped', async () => {
    const server = await rawServer(async (socket) => {
      socket.setNoDelay(true);
      for (const byte of CONTINUE + FINAL) {
        socket.write(byte);
        await new Promise(setImmediate);
      }
    });
    expect((await transportWith().send(restCall({ endpoint: server.endpoint }, message))).value).toEqual({ a: 1 });
  });

  test('endless interim answers are a bad response', async () => {
    const server = await rawServer((socket) => socket.write(CONTINUE.repeat(33) + FINAL));
    const error = await failureOf(transportWith().send(restCall({ endpoint: server.endpoint }, message)));
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', reason: expect.stringContaining('interim') });
  });

  test.each([
    [
      '101 without a request for an upgrade',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    ['100 in HTTP/1.0, which has no interim answers', 'HTTP/1.0 100 Continue\r\n\r\n'],
    ['100 with two lengths', 'HTTP/1.1 100 Continue\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['100 with a body', `${CONTINUE}body`],
  ])('%s is a failed connection', async (_, bytes) => {
    const server = await rawServer((socket) => socket.end(bytes + FINAL));
    const error = await failureOf(transportWith().send(restCall({ endpoint: server.endpoint }, message)));
    expect(error.code).toBe('UPSTREAM_ERROR');
  });
});

test('a connection with interim answers is reused, and each call counts its own', async () => {
  const server = await rawServer((socket) => socket.write(CONTINUE.repeat(20) + FINAL));
  const transport = transportWith({ limits: { connections: 1 } });
  for (let sent = 0; sent < 5; sent += 1)
    expect((await transport.send(restCall({ endpoint: server.endpoint }))).value).toEqual({ a: 1 });
  expect([server.asked(), server.sockets.size]).toEqual([5, 1]);
});

test('interim answers are skipped on connections with a maximum age', async () => {
  const server = await rawServer((socket) => socket.write(CONTINUE + FINAL));
  const transport = transportWith({ limits: { connections: 1, connectionAgeMs: 60_000 } });
  expect((await transport.send(restCall({ endpoint: server.endpoint }))).value).toEqual({ a: 1 });
});

test('header names are in lower case, and repeated headers are joined', async () => {
  const server = await rawServer((socket) =>
    socket.write(`${ok}LINK: <a>\r\nLink: <b>\r\ncontent-length: 2\r\n\r\n{}`),
  );
  expect((await transportWith().send(restCall({ endpoint: server.endpoint }))).headers.link).toBe('<a>, <b>');
});

test.each([
  ['without a listener', async () => `http://127.0.0.1:${await freePort()}`],
  ['with an unknown name', async () => 'http://nobody.invalid'],
  ['without a network route', async () => 'http://255.255.255.255:9'],
])('an endpoint %s is unavailable, and its error contains no address', async (_, url) => {
  const error = await failureOf(transportWith().send(restCall({ endpoint: endpoint(await url()) })));
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: null });
  expect(neverProcessed(error)).toBe(true);
  expect(error.message).not.toMatch(/127\.0\.0\.1|255|nobody/);
});

test('a cancelled call rejects with the reason of its signal, and its connection is closed', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const arrived = Promise.withResolvers<void>();
  const server = await httpServer((_, response) => {
    closed = once(response, 'close');
    arrived.resolve();
  });
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = transportWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((error: unknown) => error);
  await arrived.promise;
  caller.abort(gone);
  expect(await result).toBe(gone);
  await closed;
});

test('a call cancelled within an answer returns no partial value', async () => {
  const server = await rawServer((socket) => socket.write(`${ok}content-length: 100\r\n\r\n{"a":`));
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = transportWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((error: unknown) => error);
  while (server.asked() === 0) await new Promise(setImmediate);
  caller.abort(gone);
  expect(await result).toBe(gone);
});

test('a cancelled call is not sent, neither immediately nor when a connection becomes free', async () => {
  const held = Promise.withResolvers<() => void>();
  const server = await httpServer(({ url }, response) => {
    if (url === '/first') held.resolve(() => response.end('{}'));
    else response.end('{}');
  });
  const transport = transportWith({ limits: { connections: 1 } });
  const gone = new Error('the client left');
  const send = (target: string, signal?: AbortSignal) =>
    transport
      .send(restCall({ endpoint: server.endpoint, ...(signal && { signal }) }, { target }))
      .catch((error: unknown) => error);

  expect(await send('/late', AbortSignal.abort(gone))).toBe(gone);
  const first = send('/first');
  const finish = await held.promise;
  const caller = new AbortController();
  const queued = send('/queued', caller.signal);
  caller.abort(gone);
  expect(await queued).toBe(gone);
  finish();
  await first;
  await send('/last');
  expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/last']);
});

test('closing waits for the calls in flight', async () => {
  const held = Promise.withResolvers<() => void>();
  const server = await httpServer((_, response) => held.resolve(() => response.end('{"a":1}')));
  const transport = transportWith();
  const result = transport.send(restCall({ endpoint: server.endpoint }));
  const finish = await held.promise;
  const closing = transport.close();
  finish();
  expect(await result).toMatchObject({ value: { a: 1 } });
  await closing;
});

test('a call without an endpoint, or for another protocol, is an internal error', async () => {
  await expect(transportWith().send(restCall())).rejects.toThrow('has no endpoint');
});
