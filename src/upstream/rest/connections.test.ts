import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { httpServer, secureServer } from '../../../test/support/backends/hostile-http.ts';
import { selfSigned } from '../../../test/support/certificates/local-certificate.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { trusting } from '../../../test/support/upstream/upstream-tls.ts';
import { neverProcessed } from '../outcome.ts';

const { key, cert } = selfSigned();

test('an endpoint with an ip is connected to by that address and keeps its Host header', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const { port } = server.endpoint.url;
  const named = endpoint(`http://backend.invalid:${port}/v1`, { ip: '127.0.0.1' });
  await transportWith().send(restCall({ endpoint: named }));
  expect(server.requests).toMatchObject([{ url: '/v1/things/1', headers: { host: `backend.invalid:${port}` } }]);
});

test('over TLS the certificate must match the host name, not the ip', async () => {
  const names: unknown[] = [];
  const { port } = await secureServer(
    { key, cert },
    ({ socket }, response) => {
      names.push((socket as TLSSocket).servername); // A server's `socket` is a TLSSocket.
      response.end('{}');
    },
    '127.0.0.2',
  );
  const transport = transportWith({ tls: trusting(cert) });
  const at = (name: string) => restCall({ endpoint: endpoint(`https://${name}:${port}`, { ip: '127.0.0.2' }) });
  expect((await transport.send(at('localhost'))).status).toBe(200);
  expect(names).toEqual(['localhost']);
  const error = await failureOf(transport.send(at('backend.invalid')));
  expect(error).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    reason: expect.stringMatching(/^TLS: the certificate of the server is for another name: .*backend\.invalid/),
  });
  expect(neverProcessed(error)).toBe(true);
});

test('an untrusted certificate authority fails the connection', async () => {
  const { port } = await secureServer({ key, cert }, (_, response) => response.end('{}'));
  expect(
    await failureOf(transportWith().send(restCall({ endpoint: endpoint(`https://127.0.0.1:${port}`) }))),
  ).toMatchObject({ reason: expect.stringMatching(/^TLS: the certificate of the server is self-signed/) });
});

test('50 concurrent calls open no more than the two allowed connections', async () => {
  const server = await httpServer((_, response) => setImmediate(() => response.end('{}')));
  const transport = transportWith({ limits: { connections: 2 } });
  const calls = Array.from({ length: 50 }, () => transport.send(restCall({ endpoint: server.endpoint })));
  await Promise.all(calls);
  expect([server.requests.length, server.connections()]).toEqual([50, 2]);
});

test('a connection closes after callsPerConnection calls, and the last one sends connection: close', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const transport = transportWith({ limits: { connections: 1, callsPerConnection: 3 } });
  for (let sent = 0; sent < 7; sent++) await transport.send(restCall({ endpoint: server.endpoint }));
  expect(server.requests.map(({ headers }) => headers.connection)).toEqual([
    'keep-alive',
    'keep-alive',
    'close',
    'keep-alive',
    'keep-alive',
    'close',
    'keep-alive',
  ]);
  expect(server.connections()).toBe(3);
});

test('a connection past its maximum age sends one more call with connection: close', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const clock = manualClock();
  const transport = transportWith({ clock, limits: { connections: 1, connectionAgeMs: 60_000 } });
  for (const ms of [0, 59_999, 1, 0, 59_999]) {
    clock.advance(ms);
    await transport.send(restCall({ endpoint: server.endpoint }));
  }
  expect(server.requests.map(({ headers }) => headers.connection)).toEqual([
    'keep-alive',
    'keep-alive',
    'close',
    'keep-alive',
    'keep-alive',
  ]);
  expect(server.connections()).toBe(2);
});

test('connections past their maximum age never exceed the limit under many calls', async () => {
  const clock = manualClock();
  let most = 0;
  const server = await httpServer((_, response) => {
    most = Math.max(most, server.sockets.size);
    clock.advance(10);
    response.end('{}');
  });
  const transport = transportWith({ clock, limits: { connections: 3, connectionAgeMs: 100 } });
  await Promise.all(Array.from({ length: 300 }, () => transport.send(restCall({ endpoint: server.endpoint }))));
  expect(server.requests).toHaveLength(300);
  expect(server.connections()).toBeGreaterThan(10);
  // The server may see a new connection before the close of the old one, which the client has finished already.
  expect(most).toBeLessThanOrEqual(6);
});

test('release ends the calls of an endpoint, then closes its connections', async () => {
  const held = Promise.withResolvers<() => void>();
  const server = await httpServer(({ url }, response) => {
    if (url === '/held') held.resolve(() => response.end('{"a":1}'));
    else response.end('{}');
  });
  const transport = transportWith();
  const result = transport.send(restCall({ endpoint: server.endpoint }, { target: '/held' }));
  const finish = await held.promise;
  let isReleased = false;
  const released = transport.release(server.endpoint).then(() => {
    isReleased = true;
  });
  await transport.send(restCall({ endpoint: { ...server.endpoint } }));
  expect(isReleased).toBe(false);
  finish();
  expect(await result).toMatchObject({ value: { a: 1 } });
  await released;
  await vi.waitUntil(() => server.sockets.size === 1, LONG_WAIT);
});

test('endpoints with the same URL and ip share connections, and releasing either closes them', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const [one, other] = [server.endpoint, { ...server.endpoint, weight: 7 }];
  const transport = transportWith({ limits: { connections: 1 } });
  for (const at of [one, other]) await transport.send(restCall({ endpoint: at }));
  expect(server.connections()).toBe(1);
  const [socket] = server.sockets;
  const closed = socket === undefined ? Promise.reject(new Error('no connection')) : once(socket, 'close');
  await transport.release(other);
  await closed;
  await transport.send(restCall({ endpoint: one }));
  expect(server.connections()).toBe(2);
});

test('a closed transport rejects calls as never processed', async () => {
  const server = await httpServer((_, response) => response.end('{}'));
  const transport = transportWith();
  await transport.close();
  const error = await failureOf(transport.send(restCall({ endpoint: server.endpoint })));
  expect([error.code, neverProcessed(error), server.connections()]).toEqual(['SERVICE_UNAVAILABLE', true, 0]);
});
