import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { noProxies, startTcpHaproxy } from '../support/backends/proxies.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { type PublicRig, publicRig } from '../support/http/public-rig.ts';
import { exchange, post, rawConnection } from '../support/http/raw-http.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const HELLO = post('{"query":"{ hello }"}');
const FROM = 'PROXY TCP4 203.0.113.9 192.0.2.1 50000 443\r\n';
const FROM_V2 = Buffer.from(
  `0d0a0d0a000d0a515549540a21210024${'20010db8'.padEnd(31, '0')}1${'1'.padStart(32, '0')}00010002`,
  'hex',
);
const LOCAL_V2 = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');

const proxied = (more: Parameters<typeof publicRig>[0] = {}): Promise<PublicRig> =>
  publicRig({ proxyProtocol: ['127.0.0.1'], ...more });

const clientsOf = async ({ clients }: PublicRig, count: number): Promise<readonly string[]> => {
  await vi.waitUntil(() => clients.length >= count, LONG_WAIT);
  return clients;
};

test.each<[string, string | Buffer, string]>([
  ['version 1', FROM, '203.0.113.9'],
  ['version 1 without an address', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
  ['version 2', FROM_V2, '2001:db8::1'],
  ['version 2 of a check', LOCAL_V2, '127.0.0.1'],
])('the client of a connection with a header of %s is %s', async (_title, header, address) => {
  await using rig = await proxied();
  const { answer } = await exchange(rig.port, Buffer.concat([Buffer.from(header), Buffer.from(HELLO)]));
  expect(answer?.status).toBe(200);
  expect(await clientsOf(rig, 1)).toEqual([address]);
});

test('a header in single bytes, followed by pipelined requests in single bytes, is read', async () => {
  await using rig = await proxied();
  const connection = await rawConnection(rig.port);
  connection.socket.setNoDelay(true);
  for (const byte of FROM + HELLO + HELLO) {
    connection.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await connection.answers(2)).map(({ status }) => status)).toEqual([200, 200]);
  connection.socket.destroy();
  expect(await clientsOf(rig, 2)).toEqual(['203.0.113.9', '203.0.113.9']);
});

test('X-Forwarded-For behind a PROXY header counts only if the client of the header is a trusted proxy', async () => {
  const clientWith = async (trustedProxies: readonly string[]) => {
    await using rig = await proxied({ trustedProxies });
    await exchange(rig.port, FROM + post('{"query":"{ hello }"}', { 'x-forwarded-for': '198.51.100.7' }));
    return (await clientsOf(rig, 1))[0];
  };
  expect(await clientWith(['127.0.0.1'])).toBe('203.0.113.9');
  expect(await clientWith(['203.0.113.9'])).toBe('198.51.100.7');
});

test('the address of a PROXY header is not a header of the request, and a second header is refused', async () => {
  await using rig = await proxied();
  const { answer, closes } = await exchange(rig.port, FROM + FROM + HELLO);
  expect([answer?.status, closes]).toEqual([400, true]);
  expect(rig.clients).toEqual([]);
});

test('a header from another address than those of the proxies is refused; a request without one is answered', async () => {
  await using rig = await publicRig({ proxyProtocol: ['192.0.2.0/24'] });
  for (const header of [FROM, FROM_V2]) {
    const { answer, closes } = await exchange(rig.port, Buffer.concat([Buffer.from(header), Buffer.from(HELLO)]));
    expect([answer?.status, closes]).toEqual([400, true]);
  }
  expect((await exchange(rig.port, HELLO)).answer?.status).toBe(200);
  expect(await clientsOf(rig, 1)).toEqual(['127.0.0.1']);
});

test('a connection that closes within its header leaves nothing behind', async () => {
  await using rig = await proxied();
  const connection = await rawConnection(rig.port);
  connection.socket.end(FROM.slice(0, 10));
  await connection.closed();
  const silent = await rawConnection(rig.port);
  silent.socket.end();
  await silent.closed();
  expect([rig.warnings, rig.errors, rig.clients]).toEqual([[], [], []]);
});

test('a header that is incomplete after five seconds ends the connection, also if bytes still arrive', async () => {
  const clock = manualClock();
  await using rig = await publicRig({ proxyProtocol: ['127.0.0.1'] }, { clock });
  const connection = await rawConnection(rig.port);
  connection.send(FROM.slice(0, 10));
  await vi.waitUntil(() => clock.pending > 0, LONG_WAIT);
  clock.advance(4_999);
  connection.send(FROM.slice(10, 20));
  expect(connection.socket.destroyed).toBe(false);
  clock.advance(1);
  await connection.closed();
  expect([connection.received(), rig.warnings]).toMatchObject(['', [{ reason: 'no complete PROXY header in time' }]]);
});

test('a connection that waits for its header does not delay the end of the listener', async () => {
  const rig = await proxied();
  const connection = await rawConnection(rig.port);
  connection.send(FROM.slice(0, 10));
  await exchange(rig.port, FROM + HELLO);
  await rig.app.close();
  await connection.closed();
  await rig[Symbol.asyncDispose]();
});

/** Sends a request from an address of this machine. @returns its status */
const statusFrom = async (localAddress: string, port: number): Promise<number | undefined> => {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const sent = request({ host: '127.0.0.1', port, localAddress, method: 'POST', path: '/graphql', headers });
  sent.end('{"query":"{ hello }"}');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await response.toArray();
  return response.statusCode;
};

test.skipIf(noProxies).each(['send-proxy', 'send-proxy-v2'])(
  'HAProxy with %s: the client is that of the connection to HAProxy',
  async (option) => {
    await using rig = await proxied();
    await using proxy = await startTcpHaproxy(rig.port, option);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, n) => statusFrom(`127.0.0.${n + 2}`, proxy.port)),
    );
    expect(statuses).toEqual(Array(20).fill(200));
    const expected = Array.from({ length: 20 }, (_, n) => `127.0.0.${n + 2}`);
    expect((await clientsOf(rig, 20)).toSorted()).toEqual(expected.toSorted());
    expect(rig.warnings).toEqual([]);
  },
);

test.skipIf(noProxies)('HAProxy without a PROXY header is refused, with the reason in the log', async () => {
  await using rig = await proxied();
  await using proxy = await startTcpHaproxy(rig.port, '');
  const { answer } = await exchange(proxy.port, HELLO);
  expect(answer).toBeUndefined();
  expect(rig.warnings).toMatchObject([
    { message: 'A connection was refused.', reason: 'no PROXY header', peer: '127.0.0.1' },
  ]);
});
