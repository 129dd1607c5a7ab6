import { expect, test } from 'vitest';
import { inventoryServer, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { systemClock } from '../../core/clock.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { frame } from './frame.ts';
import { grpcHealth } from './health.ts';
import { grpcTransport } from './transport.ts';

const sendCall = async (endpoint: Endpoint, service?: string) => {
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000 });
  const { signal } = new AbortController();
  const deadline = performance.now() + 60_000;
  const question = { upstream: 'inventory.stock', endpoint, deadline, signal };
  try {
    return await grpcHealth(transport.send, service === undefined ? question : { ...question, service });
  } finally {
    await transport.close();
  }
};

/** A server of the health protocol that answers with this status number, or this `grpc-status`. */
const healthServer = (serving: number, status = '0', asked: Buffer[] = []) =>
  rawServer((stream) => {
    stream.on('data', (bytes: Buffer) => asked.push(bytes));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    if (status === '0') stream.write(frame(serving === 0 ? new Uint8Array(0) : Buffer.from([8, serving])));
    stream.on('end', () => stream.end());
  });

test.each([
  [0, '0', 'unknown'],
  [1, '0', 'serving'],
  [2, '0', 'not-serving'],
  [3, '0', 'unknown'],
  [9, '0', 'unknown'],
  [0, '5', 'unknown'],
  [0, '12', 'serving'],
])('health %i with grpc-status %s is %s', async (serving, status, expected) => {
  await using server = await healthServer(serving, status);
  expect(await sendCall(server.endpoint)).toBe(expected);
});

test('a server without the health service is serving', async () => {
  await using server = await inventoryServer({});
  expect(await sendCall(server.endpoint)).toBe('serving');
});

test('a check is for the whole server, or for one service', async () => {
  const asked: Buffer[] = [];
  await using server = await healthServer(1, '0', asked);
  await sendCall(server.endpoint);
  await sendCall(server.endpoint, 'a.B');
  expect(Buffer.concat(asked)).toEqual(Buffer.from([0, 0, 0, 0, 2, 10, 0, 0, 0, 0, 0, 5, 10, 3, 97, 46, 66]));
});

test('a check without an answer throws', async () => {
  const server = await inventoryServer({});
  await server.stop();
  await expect(sendCall(server.endpoint)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});
