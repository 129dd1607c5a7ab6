import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { secureServer } from '../../../test/support/backends/hostile-http.ts';
import { listening } from '../../../test/support/backends/scheme-backend.ts';
import { selfSigned } from '../../../test/support/certificates/local-certificate.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { trusting } from '../../../test/support/upstream/upstream-tls.ts';
import { systemClock } from '../../core/clock.ts';

const { key, cert } = selfSigned();

test.each([
  ['is not offered by default', false, '1.1'],
  ['is used if it is on and the server supports it', true, '2.0'],
])('HTTP/2 %s', async (_, http2, version) => {
  const seen: unknown[] = [];
  const { port } = await secureServer({ key, cert }, ({ httpVersion, authority, headers, url }, response) => {
    seen.push([httpVersion, authority ?? headers.host, url, headers['x-tag']]);
    response.end('{"id":"1"}');
  });
  const call = restCall({ endpoint: endpoint(`https://localhost:${port}/v1`), headers: { 'x-tag': 'a' } });
  expect((await transportWith({ tls: trusting(cert), http2 }).send(call)).value).toEqual({ id: '1' });
  expect(seen).toEqual([[version, `localhost:${port}`, '/v1/things/1', 'a']]);
});

test('many calls share one HTTP/2 connection, and cancelling one does not affect the others', async () => {
  const held = Promise.withResolvers<void>();
  let closed: Promise<unknown> = Promise.resolve();
  const { port, connections } = await secureServer({ key, cert }, ({ url }, response) => {
    if (url !== '/held') return void response.end('{}');
    closed = once(response, 'close');
    held.resolve();
  });
  const transport = transportWith({ tls: trusting(cert), http2: true, limits: { connections: 1 } });
  const at = endpoint(`https://localhost:${port}`);
  const caller = new AbortController();
  const gone = new Error('the client left');
  const left = transport
    .send(restCall({ endpoint: at, signal: caller.signal }, { target: '/held' }))
    .catch((error: unknown) => error);
  await held.promise;
  const calls = Array.from({ length: 50 }, () =>
    transport.send(restCall({ endpoint: at }, { method: 'POST', body: '{}' })),
  );
  caller.abort(gone);
  await closed;
  expect(await left).toBe(gone);
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 200));
  expect(connections()).toBe(1);
});

test.each([
  ['refuses a stream', 7],
  ['ends a stream with an error', 2],
  ['cancels a stream', 8],
])('an HTTP/2 server that %s is a failed connection', async (_, code) => {
  const { port } = await secureServer({ key, cert }, ({ stream }) => stream.close(code));
  const transport = transportWith({ tls: trusting(cert), http2: true });
  expect(await failureOf(transport.send(restCall({ endpoint: endpoint(`https://localhost:${port}`) })))).toMatchObject({
    code: 'UPSTREAM_ERROR',
    status: null,
  });
});

test('an HTTP/2 server that sends GOAWAY is connected to again', async () => {
  const { port, connections } = await secureServer({ key, cert }, ({ stream }, response) => {
    response.end('{}');
    stream.session?.close();
  });
  const transport = transportWith({ tls: trusting(cert), http2: true });
  const call = restCall({ endpoint: endpoint(`https://localhost:${port}`) });
  for (let sent = 0; sent < 3; sent++)
    await vi.waitFor(async () => expect(await transport.send(call)).toMatchObject({ status: 200 }), LONG_WAIT);
  expect(connections()).toBeGreaterThan(1);
});

/** A network in front of a port. After `cut`, its connections stay open and pass nothing. New ones do. */
const networkTo = async (target: number) => {
  const pairs: (readonly [Socket, Socket])[] = [];
  const server = createServer((socket) => {
    const other = connect(target, '127.0.0.1').on('error', () => socket.destroy());
    socket.once('close', () => other.destroy());
    socket.pipe(other).pipe(socket);
    pairs.push([socket, other]);
  });
  const port = await listening(server);
  const cut = () => {
    for (const [socket, other] of pairs) {
      socket.unpipe(other);
      other.unpipe(socket);
    }
  };
  return { port, cut, connections: () => pairs.length };
};

// The reasons of decision 54. Once a version of undici fails one of them, decide again.
test('undici goes on to use a dead HTTP/2 connection after calls on it were given up', async () => {
  const { port } = await secureServer({ key, cert }, (_request, response) => response.end('{}'));
  const network = await networkTo(port);
  const { send } = transportWith({ tls: trusting(cert), http2: true });
  const at = endpoint(`https://localhost:${network.port}`);
  await send(restCall({ endpoint: at }));
  network.cut();
  for (let n = 0; n < 3; n += 1) {
    const caller = new AbortController();
    const given = systemClock.after(300, () => caller.abort(new Error('given up')));
    await expect(send(restCall({ endpoint: at, signal: caller.signal }))).rejects.toThrow('given up');
    given.cancel();
  }
  expect(network.connections()).toBe(1);
});

test.each([
  [false, 4],
  [true, 1],
])('callsPerConnection 5 and 20 calls, HTTP/2 %s: %d connections', async (http2, expected) => {
  const { port, connections } = await secureServer({ key, cert }, (_request, response) => response.end('{}'));
  const { send } = transportWith({ tls: trusting(cert), http2, limits: { connections: 1, callsPerConnection: 5 } });
  for (let n = 0; n < 20; n += 1) await send(restCall({ endpoint: endpoint(`https://localhost:${port}`) }));
  expect(connections()).toBe(expected);
});
