import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { ClientGoneError } from '../../../src/core/errors.ts';
import { createListener, rejectUnknownRoute } from '../../../src/http/listener/listener.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { publicRig, silent } from '../../support/http/public-rig.ts';
import { exchange, post, rawConnection } from '../../support/http/raw-http.ts';
import { http2Client, listenerTls, secureSocket, tlsRig } from '../../support/http/tls-rig.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { portOf } from '../../support/processes/ports.ts';

type Sent = readonly [
  title: string,
  method: string,
  path: string,
  body: string | null,
  headers?: Record<string, string>,
];

const JSON_TYPE = { 'content-type': 'application/json' };
const MANY = `{ ${Array.from({ length: 300 }, (_, n) => `a${n}: echo(text: "${'x'.repeat(20)}")`).join(' ')} }`;

const REQUESTS: readonly Sent[] = [
  ['a query', 'POST', '/graphql', '{"query":"{ hello }"}', JSON_TYPE],
  ['a query by GET', 'GET', '/graphql?query={hello}', null, { 'apollo-require-preflight': 'yes' }],
  ['a mutation', 'POST', '/graphql', '{"query":"mutation { __typename }"}', JSON_TYPE],
  [
    'variables',
    'POST',
    '/graphql',
    '{"query":"query ($t: String!) { echo(text: $t) }","variables":{"t":"ü"}}',
    JSON_TYPE,
  ],
  ['a header', 'POST', '/graphql', '{"query":"{ header(name: \\"x-tenant\\") }"}', { ...JSON_TYPE, 'x-tenant': 'a' }],
  ['no pseudo-header', 'POST', '/graphql', '{"query":"{ header(name: \\":path\\") }"}', JSON_TYPE],
  ['an answer of 20 KiB', 'POST', '/graphql', JSON.stringify({ query: MANY }), JSON_TYPE],
  [
    'a compressed answer',
    'POST',
    '/graphql',
    JSON.stringify({ query: MANY }),
    { ...JSON_TYPE, 'accept-encoding': 'gzip' },
  ],
  ['an unknown field', 'POST', '/graphql', '{"query":"{ nope }"}', JSON_TYPE],
  ['a syntax error', 'POST', '/graphql', '{"query":"{"}', JSON_TYPE],
  ['no JSON', 'POST', '/graphql', '{', JSON_TYPE],
  ['an empty body', 'POST', '/graphql', '', JSON_TYPE],
  ['another type', 'POST', '/graphql', 'x', { 'content-type': 'text/plain' }],
  ['another encoding', 'POST', '/graphql', 'x', { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ['a body over the limit', 'POST', '/graphql', `{"query":"{ hello }","x":"${'x'.repeat(20_000)}"}`, JSON_TYPE],
  ['a forged request', 'GET', '/graphql?query={hello}', null],
  ['no acceptable type', 'POST', '/graphql', '{"query":"{ hello }"}', { ...JSON_TYPE, accept: 'text/css' }],
  ['an invalid token', 'POST', '/graphql', '{"query":"{ hello }"}', { ...JSON_TYPE, authorization: 'Bearer x' }],
  ['a subscription', 'POST', '/graphql', '{"query":"subscription { ticks }"}', JSON_TYPE],
  ['another method', 'PUT', '/graphql', '{"query":"{ hello }"}', JSON_TYPE],
  ['an unknown method', 'PROPFIND', '/graphql', null],
  ['another path', 'GET', '/nope', null],
  ['a path that cannot be decoded', 'GET', '/%zz', null],
  ['a probe', 'GET', '/readyz', null],
  ['a probe by HEAD', 'HEAD', '/livez', null],
  ['an absolute path with a fragment', 'GET', '/graphql#x', null],
  [
    'too many headers',
    'GET',
    '/graphql',
    null,
    Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, '1'])),
  ],
];

/** Headers that differ between two equal responses, or between versions of HTTP. */
const VARYING = [
  'date',
  'x-request-id',
  'connection',
  'keep-alive',
  ':status',
  'content-length',
  'strict-transport-security',
];

interface Told {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const comparable = ({ status, headers, body }: Told) => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !VARYING.includes(name))),
  body: body.replaceAll(/"requestId":"[^"]+"/g, '"requestId":""'),
});

const requestText = ([, method, path, body, headers = {}]: Sent): string => {
  const length = body === null ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const lines = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...length];
  return [`${method} ${path} HTTP/1.1`, 'host: localhost', ...lines, '', body ?? ''].join('\r\n');
};

/** The response over HTTP/1.1 on this connection, which is read to its end. */
const overHttp1 = async (socket: NodeJS.ReadWriteStream & { destroy(): void }, sent: Sent): Promise<Told> => {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.write(requestText(sent));
  await vi.waitUntil(() => bytes.includes('\r\n\r\n'), LONG_WAIT);
  const split = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, split).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = sent[1] === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
  await vi.waitUntil(() => bytes.length >= split + 4 + length, LONG_WAIT);
  socket.destroy();
  return { status: Number(statusLine.split(' ')[1]), headers, body: bytes.subarray(split + 4).toString('utf8') };
};

test.each(REQUESTS.map((sent) => ({ title: sent[0], sent })))(
  '$title has the same response over HTTP/1.1, over TLS and over HTTP/2, on both ways',
  async ({ sent }) => {
    const [, method, path, body, headers = {}] = sent;
    const found: ReturnType<typeof comparable>[] = [];
    for (const directEdge of [true, false]) {
      await using plain = await publicRig({}, { directEdge });
      found.push(comparable(await overHttp1((await rawConnection(plain.port)).socket, sent)));
      await using rig = await tlsRig({ options: { directEdge } });
      found.push(comparable(await overHttp1(await secureSocket(rig.port), sent)));
      await using client = await http2Client(rig.port);
      const asked = { ':method': method, ':path': path, ':authority': 'localhost', ...headers };
      found.push(comparable(await client.request(asked, body ?? undefined)));
      expect([rig.errors, rig.warnings]).toEqual([[], []]);
    }
    for (const one of found) expect(one).toEqual(found[0]);
  },
);

test('a reset of a stream aborts its operation, and no other one of the connection', async () => {
  await using rig = await tlsRig();
  await using client = await http2Client(rig.port);
  const sent = client.session.request({ ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json' });
  sent.on('error', () => {});
  sent.end('{"query":"{ slow }"}');
  const { signal } = await rig.gateway.slowArrived();
  const other = client.post('{ slow }');
  const later = await rig.gateway.slowArrived();
  sent.close(8);
  await once(signal, 'abort');
  expect(signal.reason).toBeInstanceOf(ClientGoneError);
  expect(later.signal.aborted).toBe(false);
  rig.gateway.answerSlow('done');
  expect(await other).toMatchObject({ status: 200, body: '{"data":{"slow":"done"}}\n' });
});

test('a lost connection aborts all operations of its streams', async () => {
  await using rig = await tlsRig();
  await using client = await http2Client(rig.port);
  for (let n = 0; n < 3; n += 1) {
    const arrived = rig.gateway.slowArrived();
    void client.post(`{ slow a: echo(text: "${n}") }`);
    await arrived;
  }
  client.session.destroy();
  await vi.waitUntil(() => rig.gateway.slowRequests.every(({ signal }) => signal.aborted), LONG_WAIT);
  expect(rig.gateway.slowRequests).toHaveLength(3);
});

test('the end of the listener: GOAWAY, requests in flight and those on their way are answered, and the connection ends', async () => {
  const rig = await tlsRig();
  await using client = await http2Client(rig.port);
  const goaways: number[] = [];
  client.session.on('goaway', (_code, last) => void goaways.push(last ?? -1));
  const inFlight = client.post('{ slow }');
  await rig.gateway.slowArrived();
  const closed = rig.app.close();
  // Node's client ends a session after GOAWAY by itself, once its streams have ended.
  await vi.waitUntil(() => goaways.length > 0, LONG_WAIT);
  expect(goaways[0]).toBe(2 ** 31 - 1);
  rig.gateway.answerSlow('done');
  expect(await inFlight).toMatchObject({ status: 200, body: '{"data":{"slow":"done"}}\n' });
  await closed;
  await rig[Symbol.asyncDispose]();
});

test('the end of the listener cuts handshakes, and ends idle connections of both protocols', async () => {
  const rig = await tlsRig();
  const silent = await rawConnection(rig.port);
  const idle = await secureSocket(rig.port, { ALPNProtocols: ['http/1.1'] });
  const client = await http2Client(rig.port);
  const ends = Promise.all([silent.closed(), once(idle, 'close'), once(client.session, 'close')]);
  await rig.app.close();
  await ends;
  await rig[Symbol.asyncDispose]();
});

test('a connection of HTTP/2 ends with GOAWAY after 1,000 requests; the client repeats nothing that was answered', async () => {
  await using rig = await tlsRig();
  await using client = await http2Client(rig.port);
  const statuses: (number | undefined)[] = [];
  for (let at = 0; at < 1_000; at += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.request({ ':path': '/livez' })));
    statuses.push(...answers.map(({ status }) => status));
  }
  expect(statuses).toEqual(Array(1_000).fill(200));
  await vi.waitUntil(() => client.session.closed || client.session.destroyed, LONG_WAIT);
});

test('a connection without a request ends after 10 s, one after a request after 72 s, whatever frames arrive', async () => {
  const clock = manualClock();
  await using rig = await tlsRig({ options: { clock } });
  await using silent = await http2Client(rig.port);
  await using used = await http2Client(rig.port);
  expect(await used.request({ ':path': '/livez' })).toMatchObject({ status: 200 });
  silent.session.ping(() => {});
  clock.advance(10_000);
  await vi.waitUntil(() => silent.session.destroyed, LONG_WAIT);
  expect(used.session.destroyed).toBe(false);
  clock.advance(61_999);
  expect(await used.request({ ':path': '/livez' })).toMatchObject({ status: 200 });
  clock.advance(72_000);
  await vi.waitUntil(() => used.session.destroyed, LONG_WAIT);
});

test('a body that does not arrive within 30 s ends its stream, and its operation does not start', async () => {
  const clock = manualClock();
  await using rig = await tlsRig({ options: { clock } });
  await using client = await http2Client(rig.port);
  const sent = client.session.request({ ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json' });
  sent.on('error', () => {});
  sent.write('{"query":');
  await vi.waitUntil(() => clock.untilNext === 30_000, LONG_WAIT);
  clock.advance(29_999);
  expect(sent.closed).toBe(false);
  clock.advance(1);
  await new Promise((resolve) => sent.once('close', resolve));
  expect(sent.rstCode).toBe(11);
  await vi.waitUntil(() => rig.clients.length === 1, LONG_WAIT);
});

test('a body of a pass-through route may take longer than 30 s', async () => {
  const clock = manualClock();
  const { tls, close } = await listenerTls();
  const { app, connections } = createListener({
    ...{ clock, log: silent, maxBodyBytes: 1_000, tls, readiness: () => true },
    unknownRoute: rejectUnknownRoute,
  });
  app.post('/upload', {
    onRequest: ({ raw }, reply) => {
      connections.excused.add(raw);
      reply.hijack();
      raw.resume().once('end', () => reply.raw.writeHead(200).end('done'));
    },
    handler: () => {},
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await using client = await http2Client(portOf(app.server));
  const sent = client.session.request({ ':method': 'POST', ':path': '/upload' });
  sent.write('a');
  await vi.waitUntil(() => clock.untilNext === 30_000, LONG_WAIT);
  clock.advance(31_000);
  sent.end('b');
  const [headers] = await once(sent, 'response');
  expect(headers[':status']).toBe(200);
  client.session.destroy();
  app.server.closeAllConnections();
  await Promise.all([app.close(), close()]);
});

test('a client without ALPN, and one with HTTP/1.1 alone, is answered over HTTP/1.1', async () => {
  await using rig = await tlsRig();
  for (const ALPNProtocols of [[], ['http/1.1']]) {
    const socket = await secureSocket(rig.port, { ALPNProtocols });
    const told = await overHttp1(socket, ['', 'GET', '/livez', null]);
    expect(told.status).toBe(200);
  }
});

test('plain HTTP on a port with TLS is closed, with the reason in the log', async () => {
  await using rig = await tlsRig();
  expect(await exchange(rig.port, post('{"query":"{ hello }"}'))).toEqual({ answer: undefined, closes: true });
  expect(rig.warnings).toMatchObject([
    { reason: 'plain HTTP on a port for TLS', peer: '127.0.0.1', listener: 'public' },
  ]);
});
