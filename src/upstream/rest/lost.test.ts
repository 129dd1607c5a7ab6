import type { Socket } from 'node:net';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { httpServer, rawServer } from '../../../test/support/backends/hostile-http.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { UpstreamError } from '../../core/errors.ts';
import { neverProcessed, outcomeOf } from '../outcome.ts';

/** Counts the calls by the way they ended, as a retry distinguishes them. */
const tally = (outcomes: readonly unknown[]) => {
  const counts = { answered: 0, neverSent: 0, lost: 0, other: 0 };
  for (const outcome of outcomes) {
    const isLost = outcome instanceof UpstreamError && outcome.code === 'UPSTREAM_ERROR' && outcome.status === null;
    if (!(outcome instanceof Error)) counts.answered += 1;
    else if (neverProcessed(outcome)) counts.neverSent += 1;
    else if (isLost) counts.lost += 1;
    else counts.other += 1;
  }
  return counts;
};

test.each([
  ['announces its timeout', false, 1_000],
  ['does not announce its timeout', true, 5_000],
])(
  'a read lost to a server that closes idle connections after 50 ms and %s is recognized',
  async (_, isSilent, reads) => {
    const server = await httpServer(
      (_request, response) => {
        // Node announces its idle timeout only if the handler does not set this header.
        if (isSilent) response.setHeader('connection', 'keep-alive');
        response.end('{}');
      },
      '',
      (configured) => {
        configured.keepAliveTimeout = 50;
        configured.keepAliveTimeoutBuffer = 0;
      },
    );
    const transport = transportWith();
    const outcomes: unknown[] = [];
    const reader = async (lane: number) => {
      for (let sent = 0; sent < reads / 100; sent++) {
        outcomes.push(await transport.send(restCall({ endpoint: server.endpoint })).catch((error: unknown) => error));
        await pause(45 + ((lane + sent) % 12));
      }
    };
    await Promise.all(Array.from({ length: 100 }, (_lane, lane) => reader(lane)));
    const counts = tally(outcomes);
    expect(counts).toMatchObject({ other: 0, answered: reads - counts.lost - counts.neverSent });
    if (!isSilent) expect(counts.lost).toBe(0);
  },
);

test.each([
  ['a connection that was idle', 20, 'ignored'],
  ['a connection in use', 19, 'failure'],
])('the loss of %s %i ms before its request is, of the endpoint, %s', async (_, idleMs, expected) => {
  // The second request of a connection is not answered, as in a race with the idle timeout or at a kill.
  const requests = new Map<Socket, number>();
  const server = await rawServer((socket) => {
    const number = (requests.get(socket) ?? 0) + 1;
    requests.set(socket, number);
    if (number > 1) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  });
  const clock = manualClock();
  const transport = transportWith({ limits: { connections: 1 }, clock });
  const outcomes: unknown[] = [];
  for (let sent = 0; sent < 4; sent += 1) {
    const call = restCall({ endpoint: server.endpoint, deadline: Number.POSITIVE_INFINITY });
    const outcome = await transport.send(call).catch((error: unknown) => error);
    outcomes.push(outcome instanceof Error ? outcomeOf(outcome).is : 'answered');
    // undici frees a connection one turn of the event loop after its answer.
    await setImmediate();
    await setImmediate();
    clock.advance(idleMs);
  }
  expect(outcomes).toEqual(['answered', expected, 'answered', expected]);
});

test.each([
  ['a new connection closed without an answer', (socket: Socket) => socket.resetAndDestroy()],
  [
    'a connection closed within an answer',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}'),
  ],
])('%s counts against the endpoint', async (_, close) => {
  const server = await rawServer((socket) => close(socket));
  const error = await failureOf(transportWith().send(restCall({ endpoint: server.endpoint })));
  expect(outcomeOf(error)).toEqual({ is: 'failure' });
});

test('a write is sent once, and a write reported as never processed did not arrive', async () => {
  const seen: string[] = [];
  const server = await rawServer((socket, number, data) => {
    seen.push(/"id":(\d+)/.exec(data.toString())?.[1] ?? 'none');
    // A connection ends before an answer, right after one, or within one.
    if (number % 7 === 0) socket.resetAndDestroy();
    else if (number % 5 === 0) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}');
    else
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}', () => {
        if (number % 3 === 0) socket.resetAndDestroy();
      });
  });
  const transport = transportWith({ limits: { connections: 20 } });
  const outcomes = new Map<string, unknown>();
  let next = 0;
  const writer = async () => {
    while (next < 2_000) {
      const id = String(next++);
      const call = restCall({ endpoint: server.endpoint, idempotent: false }, { method: 'POST', body: `{"id":${id}}` });
      outcomes.set(id, await transport.send(call).catch((error: unknown) => error));
    }
  };
  await Promise.all(Array.from({ length: 50 }, writer));
  const counts = tally([...outcomes.values()]);
  expect(counts).toMatchObject({ other: 0, answered: 2_000 - counts.lost - counts.neverSent });
  expect(counts.lost).toBeGreaterThan(300);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => neverProcessed(outcomes.get(id)))).toEqual([]);
});

test('a server that dies loses the call that it had received; a queued call was never sent', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = await rawServer((socket) => {
    server.stop();
    arrived.resolve();
    socket.resetAndDestroy();
  });
  const transport = transportWith({ limits: { connections: 1 } });
  const write = () =>
    failureOf(
      transport.send(restCall({ endpoint: server.endpoint, idempotent: false }, { method: 'POST', body: '{}' })),
    );
  const [had, waited] = await Promise.all([write(), write(), arrived.promise]);
  expect([had.code, had.status, neverProcessed(had)]).toEqual(['UPSTREAM_ERROR', null, false]);
  expect([waited.code, neverProcessed(waited)]).toEqual(['SERVICE_UNAVAILABLE', true]);
});

test.each([
  ['a header that HTTP cannot carry', { 'x-note': 'a\r\nx-evil: 1' }],
  ['an invalid header name', { 'x note': 'a' }],
  ['a wrong content-length', { 'content-length': '900' }],
  ['a header of the connection', { 'transfer-encoding': 'chunked' }],
])('a request with %s is not sent and is an internal error', async (_, headers) => {
  const server = await httpServer((_request, response) => response.end('{}'));
  const call = restCall({ endpoint: server.endpoint, headers: { ...headers } }, { method: 'POST', body: '{}' });
  expect(await failureOf(transportWith().send(call))).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
  expect(server.requests).toEqual([]);
});
