import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { portOf } from '../../../test/support/processes/ports.ts';
import { registerUntil } from './register-until.ts';

const ADDRESS = 'http://10.0.0.5:8080';

/** A registration with a gateway that answers with these statuses in turn, the last one repeatedly. */
const registering = async (...statuses: readonly number[]) => {
  const requests: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(
      `${request.method} ${request.url} ${request.headers.authorization} ${request.headers['registration-key']} ${body}`,
    );
    const status = request.method === 'DELETE' ? 204 : (statuses[requests.length - 1] ?? statuses.at(-1) ?? 200);
    response.statusCode = status;
    response.end(status === 204 ? '' : JSON.stringify({ errors: [{ message: `answered ${status}` }] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const clock = manualClock();
  const stop = new AbortController();
  const printed: string[] = [];
  const result = registerUntil({
    url: new URL(`http://127.0.0.1:${portOf(server)}/registrations/orders.orders/pod-1`),
    token: 'token',
    key: 'key-of-pod-1-01234',
    lease: { address: ADDRESS, ttlMs: 9_000 },
    signal: stop.signal,
    clock,
    print: (text) => printed.push(text.replaceAll(/127\.0\.0\.1:\d+/g, 'gateway')),
    printError: (text) => printed.push(text.replaceAll(/127\.0\.0\.1:\d+/g, 'gateway')),
  });
  /** Waits until this many requests were answered, and the next one is due in `waitMs`. */
  const answered = (count: number, waitMs: number) =>
    vi.waitUntil(() => requests.length === count && clock.untilNext === waitMs, LONG_WAIT);
  return { requests, clock, stop, printed, result, answered };
};

test('a registration is renewed after a third of its time to live, and removed at the end', async () => {
  const { requests, clock, stop, printed, result, answered } = await registering(200);
  await answered(1, 3_000);
  clock.advance(2_999);
  expect(requests).toHaveLength(1);
  clock.advance(1);
  await answered(2, 3_000);
  stop.abort();
  expect(await result).toBeNull();
  const put = `PUT /registrations/orders.orders/pod-1 Bearer token key-of-pod-1-01234 ${JSON.stringify({ address: ADDRESS, ttlMs: 9_000 })}`;
  const leave = `DELETE /registrations/orders.orders/pod-1?address=${encodeURIComponent(ADDRESS)} Bearer token key-of-pod-1-01234 `;
  expect(requests).toEqual([put, put, leave]);
  expect(printed).toEqual([`Registered ${ADDRESS} at gateway.`, 'Left gateway.']);
});

test('a gateway that cannot register now is tried again each second, with one line', async () => {
  const { clock, stop, printed, result, answered } = await registering(503, 503, 409, 200);
  for (const count of [1, 2, 3]) {
    await answered(count, 1_000);
    clock.advance(1_000);
  }
  await answered(4, 3_000);
  stop.abort();
  await result;
  expect(printed).toEqual([
    'Registration at gateway failed: answered 503',
    'Registration at gateway failed: answered 409',
    `Registered ${ADDRESS} at gateway.`,
    'Left gateway.',
  ]);
});

test.each([400, 401, 403, 404])('status %i ends the first registration', async (status) => {
  const { requests, result } = await registering(status);
  expect(await result).toBe(`answered ${status}`);
  expect(requests).toHaveLength(1);
});
