import { expect, onTestFinished, test, vi } from 'vitest';
import type { AccessEntry } from '../../src/http/exchange/access-log.ts';
import { createListener, rejectUnknownRoute } from '../../src/http/listener/listener.ts';
import { noTelemetry } from '../../src/telemetry/telemetry.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import {
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  frameConnection,
  headerBlock,
  REQUEST,
} from '../support/http/http2-frames.ts';
import { silent } from '../support/http/public-rig.ts';
import { rawConnection } from '../support/http/raw-http.ts';
import { listenerTls } from '../support/http/tls-rig.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { portOf } from '../support/processes/ports.ts';

/** Above the buffers of a connection of this machine to itself. */
const BYTES = 40_000_000;
const TAKING_MS = 30_000;

/** A listener with a response of this length on every path. */
const listener = async (bytes: number, tls?: Awaited<ReturnType<typeof listenerTls>>['tls']) => {
  const clock = manualClock();
  const access: AccessEntry[] = [];
  const { app } = createListener({
    ...{ clock, log: silent, maxBodyBytes: 1_000, readiness: () => true, unknownRoute: rejectUnknownRoute },
    ...(tls && { tls }),
    observe: { telemetry: noTelemetry, access: (entry) => void access.push(entry) },
  });
  app.get('/response', ({ exchange }, reply) => {
    reply.hijack();
    exchange.answer(200, {}, 'x'.repeat(bytes));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return { clock, access, port: portOf(app.server) };
};

const CUT = { status: 200, errors: ['TIMEOUT'] };

test('a response over HTTP/1.1 that its client does not read is cut after 30 s, and one more for each 4,000 bytes', async () => {
  const { clock, access, port } = await listener(BYTES);
  const { socket, send } = await rawConnection(port);
  socket.pause();
  send('GET /response HTTP/1.1\r\nhost: a\r\n\r\n');
  const limit = TAKING_MS + BYTES / 4;
  await vi.waitUntil(() => (clock.untilNext ?? 0) > TAKING_MS, LONG_WAIT);
  expect(clock.untilNext).toBeLessThanOrEqual(limit + 1_000);
  clock.advance(TAKING_MS);
  expect(access).toEqual([]);
  clock.advance(limit);
  await vi.waitUntil(() => access.length === 1, LONG_WAIT);
  expect(access).toMatchObject([CUT]);
});

test('a response over HTTP/2 without a window is reset after 30 s, and one more for each 4,000 bytes', async () => {
  const { tls, close } = await listenerTls();
  onTestFinished(close);
  const { clock, access, port } = await listener(60_000, tls);
  const { send, received, socket } = await frameConnection(port);
  const headers = headerBlock(REQUEST.map(([name, value]) => [name, name === ':path' ? '/response' : value]));
  send(frame(FRAME.SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])));
  send(frame(FRAME.HEADERS, END_STREAM | END_HEADERS, 1, headers));
  await vi.waitUntil(() => received().some(({ type }) => type === FRAME.HEADERS), LONG_WAIT);
  clock.advance(44_999);
  expect(access).toEqual([]);
  clock.advance(1);
  await vi.waitUntil(() => received().some(({ type, stream }) => type === FRAME.RST_STREAM && stream === 1), LONG_WAIT);
  await vi.waitUntil(() => access.length === 1, LONG_WAIT);
  expect(access).toMatchObject([CUT]);
  socket.destroy();
});
