import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { defineBackend, pass, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { listenerTls } from '../support/http/tls-rig.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const START_OF_STREAM = 200_000;

const modules = (idleTimeoutMs: number) => [
  defineBackend()({
    name: 'files',
    typeDefs: typeDefs('type Query { files: Int }'),
    upstreams: { files: rest({ retry: false }) },
    routes: {
      'GET /files/{id}': pass('files', { idleTimeoutMs }),
      'GET /cached/{id}': pass('files', { idleTimeoutMs, cache: true }),
    },
    resolvers: { Query: { files: () => 1 } },
  }),
];

const start = async (idleTimeoutMs: number, routeRequestsPerClient?: number) => {
  const { tls, close } = await listenerTls();
  const config = { tls, ...(routeRequestsPerClient && { routeRequestsPerClient }) };
  const options = { config, store: memoryStore(systemClock) };
  const gateway = await routedGateway(
    modules(idleTimeoutMs),
    ({ url = '' }, response) => {
      const headers = { 'cache-control': 'max-age=60' };
      if (url.endsWith('/short')) response.writeHead(200, headers).end('x'.repeat(60_000));
      else if (url.endsWith('/long')) response.writeHead(200, headers).end('x'.repeat(START_OF_STREAM));
      else response.writeHead(200, headers).write('x'.repeat(START_OF_STREAM));
    },
    options,
  );
  onTestFinished(async () => {
    await gateway[Symbol.asyncDispose]();
    close();
  });
  const session = (initialWindowSize: number): ClientHttp2Session => {
    const opened = connect(`https://127.0.0.1:${gateway.port}`, {
      rejectUnauthorized: false,
      settings: { initialWindowSize },
    });
    opened.on('error', () => {});
    onTestFinished(() => opened.destroy());
    return opened;
  };
  return { gateway, session };
};

/** Sends a request on a connection of which the window is zero. Resolves with the status. */
const ask = async (session: ClientHttp2Session, path: string, headers = {}) => {
  const stream = session.request({ ':path': path, ...headers });
  stream.on('error', () => {});
  const [head] = (await once(stream, 'response')) as [Record<string, string>];
  return { stream, head };
};

const resetOf = async (stream: ClientHttp2Stream): Promise<boolean> => {
  // The stream also reports an error, which is no failure here.
  await new Promise<void>((resolve) => (stream.destroyed ? resolve() : stream.once('close', () => resolve())));
  return stream.rstCode !== 0;
};

test.each([
  ['that is complete at once', '/files/short'],
  ['of which the backend has sent the rest', '/files/long'],
  ['without an end', '/files/endless'],
])('a client that does not take an answer %s is cut after the idle time', async (_which, path) => {
  const { gateway, session } = await start(200);
  const { stream } = await ask(session(0), path);
  expect(await resetOf(stream)).toBe(true);
  await expect.poll(() => gateway.access.map(({ errors }) => errors)).toEqual([['TIMEOUT']]);
});

test('a client that does not take a stored answer is cut after the idle time', async () => {
  const { gateway, session } = await start(200);
  const reader = await ask(session(65_535), '/cached/short');
  reader.stream.resume();
  await once(reader.stream, 'close');
  const { stream, head } = await ask(session(0), '/cached/short');
  expect([head.age, await resetOf(stream), gateway.received.length]).toEqual(['0', true, 1]);
});

test('the requests of one client in flight are bounded, and their places are free again', async () => {
  const { gateway, session } = await start(60_000, 2);
  const slow = session(0);
  const [first] = [await ask(slow, '/files/endless'), await ask(slow, '/files/endless')];
  // Another connection of the same client.
  const other = session(65_535);
  const { head } = await ask(other, '/files/short');
  expect([head[':status'], head['retry-after'], gateway.received.length]).toEqual([429, '1', 2]);
  const ann = await ask(other, '/files/short', { authorization: 'Bearer ann' });
  expect(ann.head[':status']).toBe(200);
  first?.stream.close();
  await expect.poll(async () => (await ask(other, '/files/short')).head[':status']).toBe(200);
});
