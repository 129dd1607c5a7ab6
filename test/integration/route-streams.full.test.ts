import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { type RawBackend, rawBackend } from '../support/backends/raw-backend.ts';
import { type RoutedProcess, routedProcess } from '../support/gateway/routed-process.ts';

/* A gateway process, so that its memory is its own, with a backend in this process. */

const GIBIBYTE = 1_073_741_824;
const MEBIBYTE = 1_048_576;
const CHUNK = Buffer.alloc(65_536, 'x');

let backend: RawBackend;
let gateway: RoutedProcess;
let answer: (incoming: IncomingMessage, response: ServerResponse) => void;

/** Sends a number of bytes, at the pace of the reader. */
const sendBytes = async (target: NodeJS.WritableStream, bytes: number): Promise<void> => {
  for (let left = bytes; left > 0; left -= CHUNK.length)
    if (!target.write(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)) await once(target, 'drain');
  target.end();
};

const countBytes = async (source: NodeJS.ReadableStream): Promise<number> => {
  let bytes = 0;
  for await (const chunk of source) bytes += chunk.length;
  return bytes;
};

beforeAll(async () => {
  backend = await rawBackend((incoming, response) => answer(incoming, response));
  gateway = await routedProcess(backend.url);
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
});

/** Difference of the most and the least resident memory of the gateway while `run` is in progress, in MiB. */
const swingDuring = async (run: () => Promise<void>): Promise<number> => {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  let isOver = false;
  const sample = (): void => {
    if (isOver) return;
    const bytes = gateway.residentBytes();
    least = Math.min(least, bytes);
    most = Math.max(most, bytes);
    systemClock.after(10, sample);
  };
  sample();
  await run();
  isOver = true;
  return Math.round((most - least) / MEBIBYTE);
};

const download = async (bytes: number): Promise<number> => {
  answer = (_incoming, response) => {
    response.writeHead(200, { 'content-length': String(bytes) });
    void sendBytes(response, bytes).catch(() => {});
  };
  const sent = request(`${gateway.origin}/files/large`);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return countBytes(response);
};

const upload = async (bytes: number): Promise<number> => {
  const received = Promise.withResolvers<number>();
  answer = (incoming, response) => {
    void countBytes(incoming).then((count) => {
      received.resolve(count);
      response.writeHead(200, { 'content-length': '0' }).end();
    }, received.reject);
  };
  const sent = request(`${gateway.origin}/uploads`, { method: 'POST', headers: { 'content-length': String(bytes) } });
  await sendBytes(sent, bytes);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return received.promise;
};

test.each([
  ['down', download],
  ['up', upload],
])(
  'the resident memory of the gateway stays within 30 MiB while one GiB goes %s',
  async (_way, transfer) => {
    // The first bytes size the heap.
    await transfer(64 * MEBIBYTE);
    const swing = await swingDuring(async () => expect(await transfer(GIBIBYTE)).toBe(GIBIBYTE));
    expect(swing).toBeLessThan(30);
  },
  300_000,
);

test('a client that reads slowly holds the backend back', async () => {
  let written = 0;
  answer = (_incoming, response) => {
    response.writeHead(200, { 'content-length': String(GIBIBYTE) });
    const more = (): void => {
      while (!response.destroyed && written < GIBIBYTE) {
        written += CHUNK.length;
        if (!response.write(CHUNK)) {
          response.once('drain', more);
          return;
        }
      }
    };
    more();
  };
  const socket = connect({ port: Number(new URL(gateway.origin).port), host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.write('GET /files/slow HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(socket, 'readable');
  let before = -1;
  // What the backend has written stops growing: buffers of sockets and streams on the way are full.
  while (written !== before) {
    before = written;
    await new Promise<void>((resolve) => systemClock.after(300, resolve));
  }
  expect(written).toBeLessThan(64 * MEBIBYTE);
  socket.destroy();
}, 60_000);

/** Milliseconds from the client's abort until the backend's connection is closed. */
const abortMs = async (method: string, path: string): Promise<number> => {
  const arrived = Promise.withResolvers<IncomingMessage>();
  answer = (incoming, response) => {
    arrived.resolve(incoming);
    if (method === 'GET') response.writeHead(200, { 'content-length': '1000000' }).write('x');
    else incoming.resume();
  };
  const sent = request(`${gateway.origin}${path}`, {
    method,
    ...(method === 'POST' && { headers: { 'content-length': '1000000' } }),
  });
  sent.on('error', () => {});
  if (method === 'POST') sent.write('x'.repeat(1_000));
  else {
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => {});
    await once(response, 'data');
  }
  const { socket } = await arrived.promise;
  const since = systemClock.now();
  sent.destroy();
  // The backend's parser reports the end of the incomplete body as an error.
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return systemClock.now() - since;
};

/** Attempts on a busy machine, which delays single ones. */
const MAX_ABORTS = 10;

test.each([
  ['an upload', 'POST', '/uploads'],
  ['a download', 'GET', '/files/7'],
])('%s that the client aborts ends at the backend within 100 ms', async (_what, method, path) => {
  const times = [await abortMs(method, path)];
  while (Math.min(...times) >= 100 && times.length < MAX_ABORTS) times.push(await abortMs(method, path));
  expect(Math.min(...times)).toBeLessThan(100);
});

test('a backend that dies within an answer cuts the client, and one that is silent is given up', async () => {
  answer = (incoming, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('x'.repeat(100));
    systemClock.after(50, () => incoming.socket.destroy());
  };
  await expect(fetch(`${gateway.origin}/files/1`).then((response) => response.text())).rejects.toThrow();
  answer = () => {};
  const late = await fetch(`${gateway.origin}/impatient`);
  expect([late.status, await late.json()]).toMatchObject([504, { code: 'TIMEOUT' }]);
});
