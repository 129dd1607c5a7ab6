import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { bodiless, rawConnection } from '../support/http/raw-http.ts';
import { filesModule } from '../support/modules/files-module.ts';

let gateway: RoutedGateway;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  gateway = await routedGateway([filesModule], (request, response) => answer(request, response));
});
beforeEach(() => {
  gateway.received.length = 0;
  answer = (_request, response) => void response.end('ok');
});
afterAll(() => gateway[Symbol.asyncDispose]());

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway.origin}${path}`, init);
const urls = () => gateway.received.map(({ method, url }) => `${method} ${url}`);

test('the request and its call are one trace', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await get('/files/1', { headers: { traceparent } });
  expect(gateway.received[0]?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
});

test('server-sent events arrive one by one, and the head before the first of them', async () => {
  const events: ServerResponse[] = [];
  answer = (_request, response) => {
    events.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  };
  const response = await get('/files/events', { headers: { accept: 'text/event-stream', 'last-event-id': '7' } });
  expect([response.headers.get('content-type'), gateway.received[0]?.headers['last-event-id']]).toEqual([
    'text/event-stream',
    '7',
  ]);
  const reader = response.body?.getReader();
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    events[0]?.write(event);
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe(event);
  }
  events[0]?.end();
  expect((await reader?.read())?.done).toBe(true);
});

test('100 Continue is sent to a client that waits for it, and its body passes', async () => {
  answer = (request, response) => void request.pipe(response);
  const connection = await rawConnection(gateway.port);
  connection.send(bodiless('POST', '/uploads', { expect: '100-continue', 'content-length': '5' }));
  const [interim] = await connection.answers(1);
  expect(interim?.status).toBe(100);
  connection.send('hello');
  await connection.answers(2);
  await expect.poll(() => connection.received()).toContain('hello');
  connection.socket.destroy();
});

test('a pipelined request to a route is answered in its turn', async () => {
  const connection = await rawConnection(gateway.port);
  connection.send(bodiless('GET', '/files/1') + bodiless('GET', '/livez') + bodiless('GET', '/files/2'));
  const answers = await connection.answers(3);
  connection.socket.destroy();
  expect([answers.map(({ status }) => status), urls()]).toEqual([
    [200, 200, 200],
    ['GET /v2/files/1', 'GET /v2/files/2'],
  ]);
});
