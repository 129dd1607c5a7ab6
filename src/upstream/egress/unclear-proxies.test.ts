import { expect, test } from 'vitest';
import { forwardProxy } from '../../../test/support/backends/forward-proxy.ts';
import { httpServer } from '../../../test/support/backends/hostile-http.ts';
import {
  PASSWORD,
  plainBackend,
  proxiedTransport,
  secureBackend,
  threeProxies,
} from '../../../test/support/upstream/proxied-transport.ts';
import { failureOf } from '../../../test/support/upstream/rest-transport.ts';
import { systemClock } from '../../core/clock.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import { outcomeOf } from '../outcome.ts';

test('a proxy that hangs on CONNECT costs a call one connect timeout, and is left alone after three calls', async () => {
  const [[first, second], backend] = [await threeProxies(), await secureBackend()];
  first.mode = 'hang';
  const { send, states } = proxiedTransport([first, second], { connectTimeoutMs: 300 });
  // Each call has connections of its own, so that each would open a tunnel.
  for (let call = 0; call < 12; call += 1) expect((await send(endpointAt(backend.url))).status).toBe(200);
  expect(first.asked).toBeGreaterThanOrEqual(1);
  expect(states()[1]).toBe('up');
});

test('a read through a proxy that hangs moves to another one after half of its time; a write does not', async () => {
  const [[first, second], backend] = [await threeProxies(), await plainBackend()];
  first.mode = 'hang';
  const { send, registry } = proxiedTransport([first, second]);
  const answer = await send(backend.endpoint, { deadline: systemClock.now() + 1_000 });
  expect(answer.status).toBe(200);
  expect(registry.status().map(({ attempts }) => attempts)).toMatchObject([{ failed: 1 }, { answered: 1 }]);
  expect(backend.requests).toHaveLength(1);
});

test('the 429 of a backend behind a proxy does not pause the proxy', async () => {
  const proxy = await forwardProxy(PASSWORD);
  const backend = await httpServer((_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
  const { send, states } = proxiedTransport([proxy]);
  expect(await failureOf(send(backend.endpoint))).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
  expect(states()).toEqual(['up']);
});

test('a 429 for one of several callers never pauses a proxy, even without Via', async () => {
  const [proxy, backend] = [await forwardProxy(PASSWORD), await plainBackend()];
  proxy.mode = { status: 429, headers: { 'retry-after': '60' } };
  const { send, states } = proxiedTransport([proxy]);
  expect(await failureOf(send(backend.endpoint, { isIdentified: true, principalKey: 'bob' }))).toMatchObject({
    status: 429,
  });
  expect(states()).toEqual(['up']);
  proxy.mode = 'forward';
  expect((await send(backend.endpoint, { isIdentified: true, principalKey: 'eve' })).status).toBe(200);
});

test('a proxy that denies a host with 403 stays in use for others', async () => {
  const [proxy, backend] = [await forwardProxy(PASSWORD), await secureBackend()];
  proxy.mode = { status: 403 };
  const { send, states } = proxiedTransport([proxy]);
  const failure = await failureOf(send(backend));
  expect(failure).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    reason: 'no connection through an egress proxy (PROXY_403)',
  });
  expect([outcomeOf(failure).is, states()]).toEqual(['ignored', ['up']]);
});

test('the metadata address is refused before a proxy receives it', async () => {
  const proxy = await forwardProxy(PASSWORD);
  const { send } = proxiedTransport([proxy]);
  for (const url of ['https://169.254.169.254', 'http://metadata.google.internal', 'http://[::ffff:a9fe:a9fe]'])
    expect(await failureOf(send(endpointAt(url)))).toMatchObject({ reason: 'cannot connect (EGRESS_REFUSED)' });
  expect(await failureOf(send(endpointAt('https://api.example', { ip: '169.254.169.254' })))).toMatchObject({
    reason: 'cannot connect (EGRESS_REFUSED)',
  });
  expect(proxy.asked).toBe(0);
});

test('an upload that a proxy rejects after its first bytes is not repeated', async () => {
  const [[first, second], backend] = [await threeProxies(), await plainBackend()];
  first.mode = { status: 407 };
  const { send } = proxiedTransport([first, second]);
  const message = { protocol: 'rest', method: 'POST', target: '/things', body: '{}' } as const;
  // A 407 means that nothing was passed on: a text can be sent again.
  expect((await send(backend.endpoint, { message, idempotent: false })).status).toBe(200);
  expect(backend.requests).toHaveLength(1);
});

test('a health check by connecting goes through the proxy', async () => {
  const [proxy, backend] = [await forwardProxy(PASSWORD), await secureBackend()];
  const { transport } = proxiedTransport([proxy]);
  await transport.reach?.(backend, new AbortController().signal);
  expect(proxy.tunnels).toEqual([backend.url.host]);
  await expect(transport.reach?.(endpointAt('https://127.0.0.1:1'), new AbortController().signal)).rejects.toThrow();
});
