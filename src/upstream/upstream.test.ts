import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LONG_WAIT } from '../../test/support/processes/long-wait.ts';
import { restCall } from '../../test/support/upstream/calls.ts';
import { systemClock } from '../core/clock.ts';
import { UpstreamError } from '../core/errors.ts';
import { parseEndpoints } from './endpoints/endpoint-list.ts';
import { NO_OVERRIDES } from './operations/active-overrides.ts';
import { connectUpstream, type UpstreamDependencies } from './upstream.ts';

/** A backend that answers each request after 20 ms, keeps connections open, and counts them. */
const slowBackend = async () => {
  let sockets = 0;
  let open = 0;
  const server = createServer((_request, answer) => void setTimeout(() => answer.end('{}'), 20));
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets += 1;
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return { url: `http://127.0.0.1:${address.port}`, sockets: () => sockets, open: () => open };
};

test('two connections and ten places in the queue accept twelve of fifty calls, on two sockets', async () => {
  const backend = await slowBackend();
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol: 'rest',
      sources: parseEndpoints(backend.url, 'rest'),
      traffic: { limits: { connections: 2, pending: 10 } },
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );
  onTestFinished(() => upstream.close());
  const deadline = systemClock.now() + 200_000;
  const all = Array.from({ length: 50 }, (_, at) => upstream.send(restCall({ deadline }, { target: `/things/${at}` })));
  expect(upstream.status().calls).toEqual({ inFlight: 2, waiting: 10, limit: 2 });
  const answers = await Promise.allSettled(all);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(refused).toHaveLength(38);
  for (const error of refused) {
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'too many calls wait' });
  }
  expect(backend.sockets()).toBe(2);
  expect(upstream.status()).toMatchObject({
    calls: { inFlight: 0, waiting: 0 },
    total: { attempts: 12, refusals: 38 },
  });
});

test('an endpoint that leaves after a change of its weight keeps no connection', async () => {
  const [leaving, staying] = [await slowBackend(), await slowBackend()];
  const sources = (list: string) => parseEndpoints(list, 'rest');
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol: 'rest',
      sources: sources(`${leaving.url},${staying.url}`),
      traffic: { balance: { policy: 'round-robin' } },
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );
  onTestFinished(() => upstream.close());
  const sendCall = (at: number) =>
    upstream.send(restCall({ deadline: systemClock.now() + 200_000 }, { target: `/things/${at}` }));
  await Promise.all([1, 2, 3, 4].map(sendCall));
  upstream.replace(sources(`${leaving.url};weight=2,${staying.url}`));
  await Promise.all([5, 6, 7, 8].map(sendCall));
  expect(leaving.open()).toBeGreaterThan(0);
  upstream.replace(sources(staying.url));
  await vi.waitUntil(() => leaving.open() === 0, LONG_WAIT);
  expect(staying.open()).toBeGreaterThan(0);
});

/** Sends nine calls at one time to an upstream of these endpoints, with two connections each. */
const nineAtOnce = async (list: string, overrides?: UpstreamDependencies['overrides']) => {
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol: 'rest',
      sources: parseEndpoints(list, 'rest'),
      traffic: { limits: { connections: 2 } },
      check: { by: 'connecting' },
    },
    { clock: systemClock, ...(overrides && { overrides }) },
  );
  onTestFinished(() => upstream.close());
  const deadline = systemClock.now() + 200_000;
  const all = Array.from({ length: 9 }, (_, at) => upstream.send(restCall({ deadline }, { target: `/things/${at}` })));
  const { calls } = upstream.status();
  await Promise.all(all);
  return calls;
};

test('connections of drained endpoints do not raise the limit of the upstream', async () => {
  const [well, one, other] = [await slowBackend(), await slowBackend(), await slowBackend()];
  const drained = (address: string) => address !== well.url;
  const calls = await nineAtOnce(`${well.url},${one.url},${other.url}`, { ...NO_OVERRIDES, drained });
  expect(calls).toEqual({ inFlight: 2, waiting: 7, limit: 2 });
  expect([well, one, other].map((backend) => backend.sockets())).toEqual([2, 0, 0]);
});

test('a backup takes calls that would wait for a connection of the endpoint before it', async () => {
  const [first, backup] = [await slowBackend(), await slowBackend()];
  const calls = await nineAtOnce(`${first.url},${backup.url};backup`);
  expect(calls).toEqual({ inFlight: 4, waiting: 5, limit: 4 });
  expect([first, backup].map((backend) => backend.sockets())).toEqual([2, 2]);
});
