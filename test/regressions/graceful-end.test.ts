import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type SmallProcess, startSmall } from '../support/gateway/small-process.ts';
import { bodiless, parseAnswers, post, rawConnection } from '../support/http/raw-http.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const HELLO = post('{"query":"{ hello }"}');
const query = (text: string): string => post(JSON.stringify({ query: text }));

type Fate = 'answered' | 'refused' | 'lost';

/**
 * Sends one request on a separate connection. A refused connection is not a failure: the client may use another
 * gateway.
 */
const request = (port: number): { readonly sent: Promise<void>; readonly fate: Promise<Fate> } => {
  const socket = connect(port, '127.0.0.1');
  const sent = Promise.withResolvers<void>();
  const fate = Promise.withResolvers<Fate>();
  let text = '';
  let isConnected = false;
  socket.on('connect', () => {
    isConnected = true;
    socket.write(HELLO, () => sent.resolve());
  });
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (parseAnswers(text).length === 0) return;
    fate.resolve('answered');
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    sent.resolve();
    fate.resolve(isConnected ? 'lost' : 'refused');
  });
  return { sent: sent.promise, fate: fate.promise };
};

const start = (env: Readonly<Record<string, string>> = {}): Promise<SmallProcess> =>
  startSmall({ env: { LOG_LEVEL: 'error', ...env } });

test('SIGTERM resets no request sent before it, even in a busy process', async () => {
  const gateway = await start();
  const kept = await Promise.all(Array.from({ length: 10 }, () => rawConnection(gateway.port)));
  for (const connection of kept) connection.send(HELLO);
  await Promise.all(kept.map((connection) => connection.answers(1)));
  const busy = await rawConnection(gateway.port);
  busy.send(query('{ busy(ms: 1000) }'));
  // From here on the process reads nothing: new connections stay in its backlog.
  await gateway.waitFor(/busy/);
  const fresh = Array.from({ length: 30 }, () => request(gateway.port));
  for (const connection of kept) connection.send(HELLO);
  await Promise.all(fresh.map(({ sent }) => sent));
  process.kill(gateway.pid, 'SIGTERM');
  await gateway.waitFor(/SIGTERM received/);
  expect(await Promise.all(fresh.map(({ fate }) => fate))).toEqual(fresh.map(() => 'answered'));
  for (const connection of kept) {
    const [, second] = await connection.answers(2);
    expect(second?.status).toBe(200);
  }
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
});

test('SIGTERM under load resets no request', async () => {
  const gateway = await start();
  const fates: Fate[] = [];
  let isOver = false;
  const load = async () => {
    while (!isOver) fates.push(await request(gateway.port).fate);
  };
  const running = Array.from({ length: 20 }, load);
  await vi.waitUntil(() => fates.length > 200, LONG_WAIT);
  process.kill(gateway.pid, 'SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, signal: null });
  isOver = true;
  await Promise.all(running);
  expect(fates.filter((fate) => fate === 'lost')).toEqual([]);
  expect(fates).toContain('refused');
});

test('after SIGTERM /readyz fails, and requests are accepted until the shutdown delay or a second signal ends the process', async () => {
  const gateway = await start({ SHUTDOWN_DELAY_MS: '300000' });
  const kept = await rawConnection(gateway.port);
  kept.send(HELLO);
  await kept.answers(1);
  process.kill(gateway.pid, 'SIGTERM');
  const readyz = async () => (await fetch(`${gateway.adminOrigin}/readyz`)).status;
  await expect.poll(readyz).toBe(503);
  const fresh = await rawConnection(gateway.port);
  fresh.send(bodiless('GET', '/readyz'));
  expect((await fresh.answers(1))[0]).toMatchObject({ status: 503, headers: { connection: 'close' } });
  kept.send(HELLO);
  expect((await kept.answers(2))[1]).toMatchObject({ status: 200, headers: { connection: 'close' } });
  expect(await request(gateway.port).fate).toBe('answered');
  // A signal within 250 ms of the first one counts as the same.
  await pause(300);
  process.kill(gateway.pid, 'SIGTERM');
  expect(await gateway.ended).toEqual({ code: 1, signal: null });
});
