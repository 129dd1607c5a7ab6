import type { OutgoingHttpHeaders } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { bodiless, exchange } from '../support/http/raw-http.ts';
import { filesModule } from '../support/modules/files-module.ts';
import { portOf } from '../support/processes/ports.ts';

let gateway: RoutedGateway;
/** Headers of the backend's answer, by its host. */
let sent: (host: string) => OutgoingHttpHeaders;

beforeAll(async () => {
  gateway = await routedGateway([filesModule], ({ headers }, response) => {
    response.writeHead(201, { 'content-length': '0', ...sent(headers.host ?? '') }).end();
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const received = async (headers: typeof sent): Promise<Headers> => {
  sent = headers;
  return (await fetch(`${gateway.origin}/files/1`)).headers;
};

test.each([
  ['//evil.example/x', '/evil.example/x'],
  ['/\\evil.example/x', '/evil.example/x'],
  ['\\\\evil.example/x', '/evil.example/x'],
  ['///evil.example/x?a=//b', '/evil.example/x?a=//b'],
  ['/a/..//evil.example', '/evil.example'],
  ['/%2e%2e//evil.example', '/evil.example'],
  ['/v2/files//evil.example', '/files//evil.example'],
  ['', '/'],
])('a location at the backend with the path %s stays at the gateway', async (path, expected) => {
  const headers = await received((host) => ({ location: `http://${host}${path}` }));
  expect(headers.get('location')).toBe(expected);
});

test.each([
  ['http://user:password@HOST/v2/files/7', '/files/7'],
  ['https://HOST/v2/files/7', '/files/7'],
  ['//HOST/v2/files/7', '/files/7'],
  ['\\\\HOST/v2/files/7', '/files/7'],
  ['/v2/files/7', '/files/7'],
  ['http://HOST/secret', '/secret'],
  ['7?x=1', '7?x=1'],
  ['https://other.example/a', 'https://other.example/a'],
  ['//other.example/a', '//other.example/a'],
])('the reference %s of the backend is %s for clients in each header', async (reference, expected) => {
  const headers = await received((host) => {
    const own = reference.replace('HOST', host);
    return { location: own, 'content-location': own, link: `<${own}>; rel=next, <${own}>; rel="x"; anchor="${own}"` };
  });
  expect([headers.get('location'), headers.get('content-location'), headers.get('link')]).toEqual([
    expected,
    expected,
    `<${expected}>; rel=next, <${expected}>; rel="x"; anchor="${expected}"`,
  ]);
});

test.each([204, 304])('a %d has no Content-Length of the backend', async (status) => {
  const sockets = new Set<Socket>();
  const backend = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(`HTTP/1.1 ${status} x\r\ncontent-length: 5\r\netag: "e"\r\n\r\n`));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const urls = [`http://127.0.0.1:${portOf(backend)}`];
  await using ofRaw = await routedGateway([filesModule], () => {}, { urls });
  const { answer } = await exchange(ofRaw.port, bodiless('GET', '/files/1', { 'if-none-match': '"e"' }));
  expect([answer?.status, answer?.headers.etag, answer?.headers['content-length']]).toEqual([status, '"e"', undefined]);
  for (const socket of sockets) socket.destroy();
  backend.close();
});
