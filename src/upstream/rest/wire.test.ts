import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { endpoint, restCall } from '../../../test/support/calls.ts';
import { httpServer, rawServer } from '../../../test/support/hostile-http.ts';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { freePort } from '../../../test/support/ports.ts';
import { failureOf, wireWith } from '../../../test/support/rest-wire.ts';
import { neverProcessed } from '../classify.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test('a read is one request for its target below the base path, and its JSON is the value', async () => {
  const server = await httpServer((_, response) => response.end('{"id":"1"}'), '/v1/');
  const call = restCall(
    { endpoint: server.endpoint, headers: { 'x-request-id': 'r-1' } },
    { target: '/things/a%2Fb?first=2' },
  );
  expect(await wireWith().send(call)).toMatchObject({ status: 200, size: 10, value: { id: '1' } });
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

test('a body is sent as JSON, in whatever script', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  await wireWith().send(restCall({ endpoint: server.endpoint }, { method: 'POST', body: '{"name":"Ünï 日本"}' }));
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
])('with a deadline at %d ms, 2,500 ms on, a backend is told %s', async (deadline, told) => {
  const server = await httpServer((_, response) => response.end('{}'));
  const clock = manualClock();
  clock.advance(2_500);
  await wireWith({ clock, deadlineHeader: 'x-left-ms' }).send(restCall({ endpoint: server.endpoint, deadline }));
  expect(server.requests[0]?.headers['x-left-ms']).toBe(told);
});

test('what a call itself says of its deadline is not what a backend is told', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const call = restCall({ endpoint: server.endpoint, headers: { 'x-left-ms': '99999' } });
  await wireWith({ clock: manualClock(), deadlineHeader: 'x-left-ms' }).send(call);
  expect(server.requests[0]?.headers['x-left-ms']).toBe('10000');
});

test('a status means what the upstream says it means', async () => {
  const server = await httpServer((_, response) => response.writeHead(418).end());
  const call = restCall({ endpoint: server.endpoint });
  expect((await failureOf(wireWith({ codes: { 418: 'CONFLICT' } }).send(call))).code).toBe('CONFLICT');
  expect((await failureOf(wireWith().send(call))).code).toBe('UPSTREAM_ERROR');
});

test.each(['..', '//evil', '@evil.com', 'http://evil', '\\\\evil', 'a?x=1', 'a#f', '%2e%2e', 'a\r\nHost: evil'])(
  'an id of %j arrives as what it is, at the server that it was meant for',
  async (id) => {
    const server = await httpServer((_, response) => response.end('{}'));
    const target = `/things/${encodeURIComponent(id)}`;
    await wireWith().send(restCall({ endpoint: server.endpoint }, { target }));
    expect(server.requests.map(({ url, headers }) => [url, headers.host])).toEqual([
      [target, server.endpoint.url.host],
    ]);
  },
);

test('calls one after the other share a connection', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const wire = wireWith();
  for (let sent = 0; sent < 5; sent++) await wire.send(restCall({ endpoint: server.endpoint }));
  expect(server.requests).toHaveLength(5);
  // A second one where the next call comes before the parser has let go of the last.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test.each([
  ['204', (head: string) => `HTTP/1.1 204 No Content\r\n${head}\r\n`],
  ['an empty 200', (head: string) => `HTTP/1.1 200 OK\r\n${head}content-length: 0\r\n\r\n`],
])('%s has no value', async (_, answer) => {
  const server = await rawServer((socket) => socket.write(answer('x-tag: a\r\n')));
  const { value, size, headers } = await wireWith().send(restCall({ endpoint: server.endpoint }));
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
  ])('interim answers (%s) are not the answer', async (_, interim) => {
    const server = await rawServer((socket) => socket.write(interim + FINAL));
    expect(await wireWith().send(restCall({ endpoint: server.endpoint }, message))).toMatchObject({
      status: 200,
      value: { a: 1 },
    });
    expect(server.asked()).toBe(1);
  });

  test('100 that comes byte by byte is not the answer', async () => {
    const server = await rawServer(async (socket) => {
      socket.setNoDelay(true);
      for (const byte of CONTINUE + FINAL) {
        socket.write(byte);
        await new Promise(setImmediate);
      }
    });
    expect((await wireWith().send(restCall({ endpoint: server.endpoint }, message))).value).toEqual({ a: 1 });
  });

  test('interim answers without end are a bad response', async () => {
    const server = await rawServer((socket) => socket.write(CONTINUE.repeat(33) + FINAL));
    const error = await failureOf(wireWith().send(restCall({ endpoint: server.endpoint }, message)));
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', reason: expect.stringContaining('interim') });
  });

  test.each([
    ['101 that was not asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['100 of HTTP/1.0, which has none', 'HTTP/1.0 100 Continue\r\n\r\n'],
    ['100 with two lengths', 'HTTP/1.1 100 Continue\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['100 with a body', `${CONTINUE}body`],
  ])('%s is a failed connection', async (_, bytes) => {
    const server = await rawServer((socket) => socket.end(bytes + FINAL));
    const error = await failureOf(wireWith().send(restCall({ endpoint: server.endpoint }, message)));
    expect(error.code).toBe('UPSTREAM_ERROR');
  });
});

test('a connection with interim answers is used again, and its counts are those of each call', async () => {
  const server = await rawServer((socket) => socket.write(CONTINUE.repeat(20) + FINAL));
  const wire = wireWith({ limits: { connections: 1 } });
  for (let sent = 0; sent < 5; sent += 1)
    expect((await wire.send(restCall({ endpoint: server.endpoint }))).value).toEqual({ a: 1 });
  expect([server.asked(), server.sockets.size]).toEqual([5, 1]);
});

test('interim answers are skipped on connections that age, too', async () => {
  const server = await rawServer((socket) => socket.write(CONTINUE + FINAL));
  const wire = wireWith({ limits: { connections: 1, connectionAgeMs: 60_000 } });
  expect((await wire.send(restCall({ endpoint: server.endpoint }))).value).toEqual({ a: 1 });
});

test('header names are in lower case, and several of one name are one', async () => {
  const server = await rawServer((socket) =>
    socket.write(`${ok}LINK: <a>\r\nLink: <b>\r\ncontent-length: 2\r\n\r\n{}`),
  );
  expect((await wireWith().send(restCall({ endpoint: server.endpoint }))).headers.link).toBe('<a>, <b>');
});

test.each([
  ['where nobody listens', async () => `http://127.0.0.1:${await freePort()}`],
  ['whose name nobody knows', async () => 'http://nobody.invalid'],
  ['that no way leads to', async () => 'http://255.255.255.255:9'],
])('an endpoint %s is unavailable, and the client learns no address', async (_, url) => {
  const error = await failureOf(wireWith().send(restCall({ endpoint: endpoint(await url()) })));
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: null });
  expect(neverProcessed(error)).toBe(true);
  expect(error.message).not.toMatch(/127\.0\.0\.1|255|nobody/);
});

test('a call whose caller leaves ends with the caller’s reason, and the server sees it go', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const arrived = Promise.withResolvers<void>();
  const server = await httpServer((_, response) => {
    closed = once(response, 'close');
    arrived.resolve();
  });
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = wireWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((error: unknown) => error);
  await arrived.promise;
  caller.abort(gone);
  expect(await result).toBe(gone);
  await closed;
});

test('a caller who leaves in the middle of an answer is not given half of it', async () => {
  const server = await rawServer((socket) => socket.write(`${ok}content-length: 100\r\n\r\n{"a":`));
  const caller = new AbortController();
  const gone = new Error('the client left');
  const result = wireWith()
    .send(restCall({ endpoint: server.endpoint, signal: caller.signal }))
    .catch((error: unknown) => error);
  while (server.asked() === 0) await new Promise(setImmediate);
  caller.abort(gone);
  expect(await result).toBe(gone);
});

test('what nobody waits for any more is not sent, neither at once nor once a connection is free', async () => {
  const held = Promise.withResolvers<() => void>();
  const server = await httpServer(({ url }, response) => {
    if (url === '/first') held.resolve(() => response.end('{}'));
    else response.end('{}');
  });
  const wire = wireWith({ limits: { connections: 1 } });
  const gone = new Error('the client left');
  const send = (target: string, signal?: AbortSignal) =>
    wire
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

test('closing lets what is in flight end', async () => {
  const held = Promise.withResolvers<() => void>();
  const server = await httpServer((_, response) => held.resolve(() => response.end('{"a":1}')));
  const wire = wireWith();
  const result = wire.send(restCall({ endpoint: server.endpoint }));
  const finish = await held.promise;
  const closing = wire.close();
  finish();
  expect(await result).toMatchObject({ value: { a: 1 } });
  await closing;
});

test('a call without an endpoint, or of another protocol, is a mistake of the gateway’s own', async () => {
  await expect(wireWith().send(restCall())).rejects.toThrow('is not ready to be sent');
});
