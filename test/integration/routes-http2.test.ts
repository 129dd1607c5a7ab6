import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { readKeyPair } from '../../src/config/certificates/key-pair.ts';
import { watchKeyPair } from '../../src/config/certificates/watch-certificates.ts';
import { systemClock } from '../../src/core/clock.ts';
import { certificateFolder } from '../support/certificates/certificate-folder.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { http2Client, serverAuthority } from '../support/http/tls-rig.ts';
import { filesModule } from '../support/modules/files-module.ts';

const echo = (request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/plain', connection: 'keep-alive' });
  request.pipe(response);
};

const start = async (answer = echo) => {
  const { chain, key } = serverAuthority().issuer.issue();
  const folder = certificateFolder({ 'one.pem': chain, 'one.key': key });
  const file = (name: string) => ({ variable: 'TLS_CERTIFICATES', path: folder.path(name) });
  const files = { certificate: file('one.pem'), key: file('one.key'), passphrase: null };
  const pair = watchKeyPair(files, await readKeyPair(files), { clock: systemClock });
  const tls = { pairs: [pair], minVersion: 'TLSv1.2', clients: null } as const;
  const gateway = await routedGateway([filesModule], answer, { config: { tls } });
  const client = await http2Client(gateway.port);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    pair.close();
  });
  return { gateway, client };
};

test('a route answers over HTTP/2', async () => {
  const { gateway, client } = await start();
  const { status, headers } = await client.request({ ':path': '/files/7?a=1' });
  expect([status, headers['content-type'], gateway.received.at(-1)?.url]).toEqual([
    200,
    'text/plain',
    '/v2/files/7?a=1',
  ]);
});

test('a body without Content-Length passes over HTTP/2', async () => {
  const { client } = await start();
  const { status, body } = await client.request({ ':method': 'POST', ':path': '/uploads' }, 'hello');
  expect([status, body]).toEqual([200, 'hello']);
});

test('a GET with a body and a body above the limit are refused over HTTP/2', async () => {
  const { client } = await start();
  expect((await client.request({ ':path': '/files/7' }, 'hello')).status).toBe(400);
  expect((await client.request({ ':method': 'PUT', ':path': '/small' }, 'x'.repeat(11))).status).toBe(413);
});

test('100 Continue over HTTP/2 follows the checks of the headers', async () => {
  const { client } = await start();
  const send = async (path: string, method: string, length: number) => {
    const headers = { ':method': method, ':path': path, expect: '100-continue', 'content-length': length };
    const stream = client.session.request(headers, { endStream: false });
    let hasContinued = false;
    stream.on('error', () => {});
    stream.on('continue', () => {
      hasContinued = true;
      stream.end('x'.repeat(length));
    });
    const [head] = (await once(stream, 'response')) as [Record<string, number>];
    stream.destroy();
    return [head[':status'], hasContinued];
  };
  expect(await send('/uploads', 'POST', 5)).toEqual([200, true]);
  expect(await send('/small', 'PUT', 11)).toEqual([413, false]);
});

test('a refused path and another method are refused over HTTP/2', async () => {
  const { client } = await start();
  expect((await client.request({ ':path': '/files/..%2fx' })).status).toBe(400);
  expect((await client.request({ ':method': 'PATCH', ':path': '/files/1' })).status).toBe(405);
});

test('a stream that the client resets ends at the backend', async () => {
  const ended = Promise.withResolvers<void>();
  const { client } = await start((request, response) => {
    request.socket.once('close', () => ended.resolve());
    response.writeHead(200, { 'content-length': '100' }).write('x');
  });
  const stream = client.session.request({ ':path': '/files/8' });
  stream.on('error', () => {});
  await once(stream, 'data');
  stream.close(constants.NGHTTP2_CANCEL);
  await ended.promise;
});

test('a backend that dies within an answer resets the stream', async () => {
  const { client } = await start((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('x');
    systemClock.after(20, () => request.socket.destroy());
  });
  const { rstCode, body } = await client.request({ ':path': '/files/9' });
  expect([rstCode === 0, body]).toEqual([false, 'x']);
});
