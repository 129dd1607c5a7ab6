import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { FRAME, frame, PREFACE } from '../../support/http/http2-frames.ts';
import { secureSocket, tlsRig } from '../../support/http/tls-rig.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

/** Opens a connection of HTTP/2 that never reads, and that the client does not close. */
const silentClient = async (port: number, bytes: Buffer | string): Promise<void> => {
  const socket = await secureSocket(port, { ALPNProtocols: ['h2'] });
  onTestFinished(() => void socket.destroy());
  socket.pause();
  if (bytes.length > 0) socket.write(bytes);
};

test.each([
  ['nothing', ''],
  ['the preface', PREFACE],
  ['the preface and SETTINGS', Buffer.concat([Buffer.from(PREFACE), frame(FRAME.SETTINGS, 0, 0)])],
])('a connection with %s, whose client does not close it, has no socket 11 s later', async (_title, bytes) => {
  const clock = manualClock();
  await using rig = await tlsRig({ options: { clock } });
  const [[accepted]] = await Promise.all([
    once(rig.app.server, 'connection') as Promise<[Socket]>,
    silentClient(rig.port, bytes),
  ]);
  await vi.waitUntil(() => clock.untilNext === 10_000, LONG_WAIT);
  clock.advance(10_000);
  await vi.waitUntil(() => clock.untilNext === 1_000, LONG_WAIT);
  clock.advance(1_000);
  await vi.waitUntil(() => accepted.destroyed, LONG_WAIT);
});

test('the end of the listener does not wait for clients of HTTP/2 that do not close their connections', async () => {
  const rig = await tlsRig();
  const accepted: Socket[] = [];
  rig.app.server.on('connection', (socket: Socket) => void accepted.push(socket));
  for (const bytes of ['', PREFACE]) await silentClient(rig.port, bytes);
  await rig[Symbol.asyncDispose]();
  expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});
