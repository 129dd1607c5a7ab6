import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ForwardProxy, forwardProxy } from '../../../test/support/backends/forward-proxy.ts';
import { httpServer } from '../../../test/support/backends/hostile-http.ts';
import {
  PASSWORD,
  plainBackend,
  proxiedTransport,
  secureBackend,
  threeProxies,
} from '../../../test/support/upstream/proxied-transport.ts';
import { failureOf } from '../../../test/support/upstream/rest-transport.ts';
import { parseProxyList } from '../../config/egress/proxy-list.ts';
import type { UpstreamError } from '../../core/errors.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import { outcomeOf } from '../outcome.ts';

describe('https endpoints', () => {
  test('are called through a tunnel, and its connection is kept', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await secureBackend()];
    const { send } = proxiedTransport([proxy]);
    for (let call = 0; call < 5; call += 1) expect((await send(backend)).value).toEqual({ from: 'secure' });
    // As without a proxy, undici opens a second connection for the second call.
    expect(new Set(proxy.tunnels)).toEqual(new Set([backend.url.host]));
    expect(proxy.tunnels.length).toBeLessThan(3);
    expect(proxy.requests).toEqual([]);
  });

  test('are called by their address if a source has found one; the certificate must match the name', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await secureBackend()];
    const { send } = proxiedTransport([proxy]);
    const { port } = backend.url;
    expect((await send(endpointAt(`https://localhost:${port}`, { ip: '127.0.0.1' }))).status).toBe(200);
    expect(proxy.tunnels).toEqual([`127.0.0.1:${port}`]);
    expect(await failureOf(send(endpointAt(`https://backend.invalid:${port}`, { ip: '127.0.0.1' })))).toMatchObject({
      reason: expect.stringContaining('the certificate of the server is for another name'),
    });
  });
});

describe('http endpoints', () => {
  test('are called in absolute form; the backend does not receive the credentials of the proxy', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await plainBackend()];
    const { send } = proxiedTransport([proxy]);
    expect((await send(backend.endpoint)).value).toEqual({ from: 'plain' });
    expect(proxy.requests).toMatchObject([{ url: `${backend.endpoint.url.origin}/things/1` }]);
    expect(backend.requests).toMatchObject([{ url: '/things/1', headers: { host: backend.endpoint.url.host } }]);
    expect(backend.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('keep an error status of the backend', async () => {
    const proxy = await forwardProxy(PASSWORD);
    const backend = await httpServer((_request, response) => response.writeHead(503).end());
    const { send, states } = proxiedTransport([proxy]);
    expect(outcomeOf(await failureOf(send(backend.endpoint)))).toEqual({ is: 'failure' });
    expect(states()).toEqual(['up']);
  });
});

const ENDPOINTS = [
  ['https', secureBackend],
  ['http', async () => (await plainBackend()).endpoint],
] as const;

describe.each(ENDPOINTS)('%s endpoints', (scheme, open) => {
  test.each<[string, ForwardProxy['mode'], number]>([
    ['407', { status: 407 }, 1_000],
    ['429 without Retry-After', { status: 429 }, 1_000],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '30' } }, 30_000],
  ])('a proxy that answers %s is left alone, and another one is used', async (_what, mode, leastMs) => {
    const [[first, second, third], backend] = [await threeProxies(), await open()];
    first.mode = mode;
    const { send, registry } = proxiedTransport([first, second, third]);
    for (let call = 0; call < 12; call += 1) expect((await send(backend)).status).toBe(200);
    expect(first.asked).toBe(1);
    const [status] = registry.status();
    expect(status).toMatchObject({ attempts: { refused: 1 } });
    // A 429 in absolute form may be that of the backend: it pauses the proxy for this upstream.
    const ms = status?.opensForMs ?? status?.pausedFor['shop.things'];
    expect(ms).toBeGreaterThan(leastMs - 1_000);
    expect(ms).toBeLessThanOrEqual(leastMs);
  });

  test('all proxies spent is RATE_LIMITED with the shortest wait; no proxy is asked again', async () => {
    const [[first, second], backend] = [await threeProxies(), await open()];
    first.mode = { status: 429, headers: { 'retry-after': '30' } };
    second.mode = { status: 429, headers: { 'retry-after': '60' } };
    const { send } = proxiedTransport([first, second]);
    for (let call = 0; call < 3; call += 1) {
      const failure = await failureOf(send(backend));
      expect(failure).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfter: 30 }, noRetry: true });
      expect(outcomeOf(failure)).toEqual({ is: 'ignored' });
    }
    expect([first.asked, second.asked]).toEqual([1, 1]);
  });

  test('a killed proxy is left alone after three failures, which do not count against the endpoint', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await open()];
    await proxy.kill();
    const { send, states } = proxiedTransport([proxy]);
    const failures: UpstreamError[] = [];
    for (let call = 0; call < 4; call += 1) failures.push(await failureOf(send(backend)));
    expect(failures.map(({ code }) => code)).toEqual([
      'SERVICE_UNAVAILABLE',
      'SERVICE_UNAVAILABLE',
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
    expect(failures.map((failure) => outcomeOf(failure).is)).toEqual(['ignored', 'ignored', 'ignored', 'ignored']);
    expect(states()).toEqual(['open']);
  });

  test('a proxy killed during a read is replaced by another one', async () => {
    const [[first, second], backend] = [await threeProxies(), await open()];
    const { send } = proxiedTransport([first, second]);
    await send(backend);
    first.mode = 'hang';
    const pending = send(endpointAt(backend.url));
    await expect.poll(() => second.asked + first.asked, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
    await Promise.all([first.kill()]);
    expect((await pending).status).toBe(200);
  });

  test('a dead backend counts against its endpoint, and not against the proxies', async () => {
    const [proxies, backend] = [await threeProxies(), await open()];
    const dead = endpointAt(`${scheme}://127.0.0.1:1`);
    const { send, states } = proxiedTransport(proxies);
    for (let call = 0; call < 5; call += 1) {
      const failure = await failureOf(send(dead));
      expect(outcomeOf(failure)).toEqual({ is: 'failure' });
    }
    expect(states()).toEqual(['up', 'up', 'up']);
    expect((await send(backend)).status).toBe(200);
  });

  test('NO_PROXY keeps its hosts direct', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await open()];
    const { send } = proxiedTransport([proxy], { noProxy: ['127.0.0.1'] });
    expect((await send(backend)).status).toBe(200);
    expect(proxy.asked).toBe(0);
  });

  test('without a proxy that has the labels no call is made directly', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await open()];
    const { send } = proxiedTransport([proxy], { options: { labels: { country: 'de' } }, labels: ['country:fr'] });
    expect(await failureOf(send(backend))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      reason: 'no egress proxy has the labels of this upstream',
      noRetry: true,
    });
    expect(proxy.asked).toBe(0);
  });

  test('each proxy receives the calls of its quota', async () => {
    const [[first, second], backend] = [await threeProxies(), await open()];
    const { send, registry } = proxiedTransport([first, second], {
      options: { perProxy: { calls: 3, perSeconds: 3_600 } },
    });
    const results: unknown[] = [];
    for (let call = 0; call < 8; call += 1)
      results.push(
        await send(backend).then(
          ({ status }) => status,
          ({ code }) => code,
        ),
      );
    expect(results.filter((result) => result === 200)).toHaveLength(6);
    expect(results.slice(6)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect(registry.status().map(({ attempts }) => attempts.answered)).toEqual([3, 3]);
  });

  test('no error shows a password or a user of a proxy', async () => {
    const [proxy, backend] = [await forwardProxy(PASSWORD), await open()];
    proxy.mode = { status: 407 };
    const { send, registry, events } = proxiedTransport([proxy]);
    const failure = await failureOf(send(backend));
    const shown = inspect([failure, registry.status(), events], { depth: 20, showHidden: true });
    for (const secret of [
      PASSWORD,
      'geheim',
      encodeURIComponent(PASSWORD),
      Buffer.from(`ann:${PASSWORD}`).toString('base64'),
    ])
      expect(shown).not.toContain(secret);
  });

  test('a removed proxy receives no calls, and an added one does', async () => {
    const [[first, second], backend] = [await threeProxies(), await open()];
    const { send, registry } = proxiedTransport([first]);
    await send(backend);
    registry.replace(parseProxyList(second.url));
    for (let call = 0; call < 3; call += 1) await send(backend);
    expect([first.asked, second.asked > 0]).toEqual([1, true]);
  });
});
