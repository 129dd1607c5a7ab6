import { once } from 'node:events';
import { defineBackend, type SchemaModule } from 'tributary/backend';
import { describe, expect, test } from 'vitest';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { bodiless, parseAnswers, post, type RawConnection, rawConnection } from '../support/http/raw-http.ts';

const HELLO = '{"query":"{ hello }"}';
const WORLD = '{"data":{"hello":"world"}}\n';
const CLOSE = { connection: 'close' };

const head = (version: string, target = 'POST /graphql'): string =>
  `${target} ${version}\r\nhost: gateway.test\r\ncontent-type: application/json\r\n`;
const withCoding = (coding: string): string => `${head('HTTP/1.1')}transfer-encoding: ${coding}\r\n\r\n`;
const step = (tag: string): string => JSON.stringify({ query: `mutation { step(tag: "${tag}") }` });
const steps = (...tags: readonly string[]): string =>
  JSON.stringify({ query: `mutation { ${tags.map((tag) => `${tag}: step(tag: "${tag}")`).join(' ')} }` });

const serve = async () => {
  const log: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
  const module: SchemaModule = defineBackend<any>()({
    name: 'steps',
    typeDefs: {
      file: import.meta.filename,
      text: 'type Query { hello: String }  type Mutation { step(tag: String!): String }',
    },
    resolvers: {
      Query: { hello: () => 'world' },
      Mutation: {
        step: async (_root: unknown, { tag }: { tag: string }, { signal }: { signal: AbortSignal }) => {
          log.push(`${tag} starts`);
          if (tag === 'abandoned') await once(signal, 'abort');
          // Several turns of the event loop, in which another request could start.
          for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          log.push(`${tag} ends`);
          return tag;
        },
      },
    },
  });
  const { origin } = await servedGateway({ modules: [module] });
  return { port: Number(new URL(origin).port), log };
};

/** All answers until the server closes the connection. */
const allAnswers = async (connection: RawConnection) => {
  await connection.closed();
  return parseAnswers(connection.received()).map(({ status, body }) => ({ status, body }));
};

const ok = { status: 200, body: WORLD };
const refused = (status: number) => ({ status, body: expect.stringContaining('"code":"BAD_REQUEST"') });

describe('one request has one answer, whatever follows it', () => {
  test.each([
    ['an unknown transfer coding', withCoding('x'), [refused(400)]],
    ['an unknown transfer coding followed by bytes', withCoding('x') + HELLO, [refused(400)]],
    ['an unknown transfer coding before chunked', withCoding('x, chunked'), [refused(501)]],
    ['one byte after a closing request', `${post(HELLO, CLOSE)}x`, [ok]],
    ['a line break after a closing request', `${post(HELLO, CLOSE)}\r\n`, [ok]],
    ['another request after a closing one', post(HELLO, CLOSE) + post(HELLO), [ok]],
    ['a mutation after a closing request', post(HELLO, CLOSE) + post(step('late')), [ok]],
    ['invalid bytes after one request', `${post(HELLO)}x\r\n\r\n`, [ok]],
    ['invalid bytes after two requests', `${post(HELLO)}${post(HELLO)}x\r\n\r\n`, [ok, ok]],
    ['an unknown transfer coding after a request', post(HELLO) + withCoding('x'), [ok, refused(400)]],
    ['a request for a tunnel', bodiless('CONNECT', 'db.internal:443'), [refused(501)]],
    ['a request for a tunnel after a request', `${post(HELLO)}${bodiless('CONNECT', 'db.internal:443')}`, [ok]],
    ['another protocol after a request', `${post(HELLO)}GET /livez FTP/1.0\r\n\r\n`, [ok]],
  ])('%s', async (_what, bytes, expected) => {
    const { port, log } = await serve();
    const connection = await rawConnection(port);
    connection.send(bytes);
    expect(await allAnswers(connection)).toEqual(expected);
    expect(log).toEqual([]);
  });

  test('a mutation followed by an extra byte is executed once and answered', async () => {
    const { port, log } = await serve();
    const connection = await rawConnection(port);
    connection.send(`${post(step('a'), CLOSE)}x`);
    expect(await allAnswers(connection)).toEqual([{ status: 200, body: '{"data":{"step":"a"}}\n' }]);
    expect(log).toEqual(['a starts', 'a ends']);
  });
});

test('a mutation followed by a request for a tunnel is executed once and answered', async () => {
  const { port, log } = await serve();
  const connection = await rawConnection(port);
  connection.send(post(step('a')) + bodiless('CONNECT', 'db.internal:443'));
  expect(await allAnswers(connection)).toEqual([{ status: 200, body: '{"data":{"step":"a"}}\n' }]);
  expect(log).toEqual(['a starts', 'a ends']);
});

test('a reset connection after a request for a tunnel does not end the process', async () => {
  const { port } = await serve();
  for (const first of ['', post(HELLO), post(step('a'))]) {
    const connection = await rawConnection(port);
    connection.send(first + bodiless('CONNECT', 'db.internal:443'));
    connection.socket.resetAndDestroy();
  }
  const connection = await rawConnection(port);
  connection.send(post(HELLO, CLOSE));
  expect(await allAnswers(connection)).toEqual([ok]);
});

/** RFC 9110, 10.1.1: an interim response is unknown to HTTP/1.0. */
test.each([
  ['HTTP/1.0', 'HTTP/1.1 200'],
  ['HTTP/1.1', 'HTTP/1.1 100'],
])('Expect: 100-continue in a request of %s is answered by %s first', async (version, first) => {
  const connection = await rawConnection((await serve()).port);
  connection.send(post(HELLO, { ...CLOSE, expect: '100-continue' }).replace('HTTP/1.1', version));
  await connection.closed();
  expect(connection.received().slice(0, first.length)).toBe(first);
  expect(connection.received()).toContain(WORLD);
});

describe('a protocol other than HTTP/1.0 and HTTP/1.1 is rejected with 505', () => {
  const get = (version: string): string => bodiless('GET', '/livez').replace('HTTP/1.1', version);
  test.each([
    ...['HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'ICE/1.0', 'FTP/1.0', 'http/1.1'].map(
      (version) => [`GET with ${version}`, [get(version)]] as const,
    ),
    ['SOURCE with ICE/1.0', [head('ICE/1.0', 'SOURCE /graphql'), '\r\n']],
    ['the preface of HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  ] as const)('%s', async (_what, pieces) => {
    const { port } = await serve();
    const connection = await rawConnection(port);
    connection.socket.setNoDelay(true);
    for (const piece of pieces) {
      connection.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await allAnswers(connection)).toEqual([refused(505)]);
  });
});

test('pipelined mutations run one after the other', async () => {
  const { port, log } = await serve();
  const connection = await rawConnection(port);
  connection.send(post(steps('a', 'b')) + post(steps('c')) + post(steps('d'), CLOSE));
  expect(await allAnswers(connection)).toEqual([
    { status: 200, body: '{"data":{"a":"a","b":"b"}}\n' },
    { status: 200, body: '{"data":{"c":"c"}}\n' },
    { status: 200, body: '{"data":{"d":"d"}}\n' },
  ]);
  expect(log).toEqual(['a', 'b', 'c', 'd'].flatMap((tag) => [`${tag} starts`, `${tag} ends`]));
});

test('a mutation pipelined after one of a disconnected client does not start', async () => {
  const { port, log } = await serve();
  const leaving = await rawConnection(port);
  leaving.send(post(step('abandoned')) + post(step('late')));
  await expect.poll(() => log).toEqual(['abandoned starts']);
  leaving.socket.resetAndDestroy();
  await expect.poll(() => log).toEqual(['abandoned starts', 'abandoned ends']);
  const after = await rawConnection(port);
  after.send(post(step('next'), CLOSE));
  await allAnswers(after);
  expect(log).toEqual(['abandoned', 'next'].flatMap((tag) => [`${tag} starts`, `${tag} ends`]));
});
