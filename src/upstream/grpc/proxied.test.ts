import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { noEgressProxies, startSquid, startTinyproxy } from '../../../test/support/backends/egress-proxies.ts';
import { type ForwardProxy, forwardProxy } from '../../../test/support/backends/forward-proxy.ts';
import { selfSigned } from '../../../test/support/certificates/local-certificate.ts';
import {
  callOf,
  endpointAt,
  INVENTORY_PROTO,
  inventoryServer,
  type RawServer,
  rawServer,
} from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import { protobufjsType } from '../../../test/support/grpc/protobufjs.ts';
import { listedProxies, PASSWORD, threeProxies } from '../../../test/support/upstream/proxied-transport.ts';
import { failureOf } from '../../../test/support/upstream/rest-transport.ts';
import { trusting } from '../../../test/support/upstream/upstream-tls.ts';
import { egressGuard } from '../../config/egress/egress-guard.ts';
import { egressRules } from '../../config/egress/egress-rules.ts';
import { parseProxyList } from '../../config/egress/proxy-list.ts';
import { usualProxies } from '../../config/egress/usual-proxies.ts';
import { systemClock } from '../../core/clock.ts';
import { memoryCallCounters } from '../../rate-limit/call-counter.ts';
import type { Call } from '../call.ts';
import { directEgress } from '../egress/egress.ts';
import { type Endpoint, endpointAt as endpointOf } from '../endpoints/endpoint.ts';
import { networkTransport } from '../network-transport.ts';
import { trafficSettings } from '../options.ts';
import { outcomeOf } from '../outcome.ts';
import { frame } from './frame.ts';

const { key, cert } = selfSigned();
const ACCOUNT = { user: 'gateway', password: 'g3heim-Zq81' };
const answer = frame(
  protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse').encode({ reserved: true }).finish(),
);

/** An inventory over this scheme that answers every reservation, and counts them. */
const inventory = async (scheme: string) => {
  const calls = { count: 0 };
  const server = await inventoryServer(
    {
      Reserve: (_call: unknown, done: (error: null, value: object) => void) => {
        calls.count += 1;
        done(null, { reserved: true });
      },
    },
    scheme === 'grpcs'
      ? {
          credentials: ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) },
          ]),
        }
      : {},
  );
  onTestFinished(() => server.stop());
  return { endpoint: endpointAt(server.port, scheme), calls };
};

const throughThese = (
  proxies: readonly Pick<ForwardProxy, 'url'>[],
  options: Parameters<typeof listedProxies>[1] = {},
  transport: Parameters<typeof openTransport>[0] = {},
) => {
  const { registry, proxiesOf, states } = listedProxies(proxies, options);
  const { send, reach } = openTransport({
    tls: trusting(cert),
    proxiesOf,
    proxies: registry,
    connectTimeoutMs: 20_000,
    ...transport,
  });
  const reserve = (endpoint: Endpoint, changes: Partial<Call> = {}) => send(callOf(endpoint, 'reserve', {}, changes));
  return { reserve, reach, registry, states };
};

const RESERVED = { value: { reserved: true } };

describe.each(['grpc', 'grpcs'])('%s endpoints', (scheme) => {
  test('are called through a tunnel, of which one connection carries all calls', async () => {
    const [proxy, { endpoint, calls }] = [await forwardProxy(PASSWORD), await inventory(scheme)];
    const { reserve, registry } = throughThese([proxy]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(endpoint)));
    for (const each of answers) expect(each).toMatchObject(RESERVED);
    expect([proxy.tunnels, proxy.requests, calls.count]).toEqual([[endpoint.url.host], [], 20]);
    expect(registry.status()).toMatchObject([{ attempts: { answered: 20, refused: 0, failed: 0, unknown: 0 } }]);
  });

  test('a proxy over TLS tunnels to them', async () => {
    const [proxy, { endpoint }] = [await forwardProxy(PASSWORD, { key, cert }), await inventory(scheme)];
    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, cert]);
    onTestFinished(() => setDefaultCACertificates(trusted));
    expect(await throughThese([proxy]).reserve(endpoint)).toMatchObject(RESERVED);
    expect(proxy.tunnels).toEqual([endpoint.url.host]);
  });

  test('a proxy that answers 407 or refuses connections is replaced by another one, and left alone', async () => {
    const [[first, second, third], { endpoint }] = [await threeProxies(), await inventory(scheme)];
    first.mode = { status: 407 };
    await second.kill();
    const { reserve, registry } = throughThese([first, second, third]);
    for (let call = 0; call < 12; call += 1) expect(await reserve(endpoint)).toMatchObject(RESERVED);
    expect([first.asked, third.tunnels.length]).toEqual([1, 1]);
    expect(registry.status()).toMatchObject([
      { state: 'open', attempts: { refused: 1 } },
      { state: 'open', attempts: { failed: 3 } },
      { state: 'up', attempts: { answered: 12 } },
    ]);
  });

  test('a dead endpoint counts against itself, and not against the proxies', async () => {
    const proxies = await threeProxies();
    const { reserve, states } = throughThese(proxies);
    for (let call = 0; call < 4; call += 1)
      expect(outcomeOf(await failureOf(reserve(endpointAt(1, scheme))))).toEqual({ is: 'failure' });
    expect(states()).toEqual(['up', 'up', 'up']);
  });

  test('a host that is not in the allow-list is never named to a proxy', async () => {
    const [proxy, { endpoint, calls }] = [await forwardProxy(PASSWORD), await inventory(scheme)];
    const { reserve } = throughThese([proxy], {}, { guard: egressGuard(egressRules(['*.example.com'])) });
    expect(await failureOf(reserve(endpoint))).toMatchObject({ reason: 'cannot connect (EGRESS_REFUSED)' });
    expect([proxy.asked, calls.count]).toEqual([0, 0]);
  });

  test('NO_PROXY keeps its hosts direct, and without a proxy that fits no call is direct', async () => {
    const [proxy, { endpoint, calls }] = [await forwardProxy(PASSWORD), await inventory(scheme)];
    expect(await throughThese([proxy], { noProxy: ['127.0.0.1'] }).reserve(endpoint)).toMatchObject(RESERVED);
    const without = throughThese([proxy], { options: { labels: { country: 'de' } }, labels: ['country:fr'] });
    expect(await failureOf(without.reserve(endpoint))).toMatchObject({
      reason: 'no egress proxy has the labels of this upstream',
    });
    expect([proxy.asked, calls.count]).toEqual([0, 1]);
  });

  test('a health check goes through the proxy', async () => {
    const [proxy, { endpoint }] = [await forwardProxy(PASSWORD), await inventory(scheme)];
    const { reach } = throughThese([proxy]);
    await reach(endpoint, new AbortController().signal, trusting(cert));
    expect(proxy.tunnels).toEqual([endpoint.url.host]);
  });

  test('a health check asks no proxy for a metadata address behind a name, and reaches an address in the allow-list', async () => {
    const [proxy, { endpoint }] = [await forwardProxy(PASSWORD), await inventory(scheme)];
    const { signal } = new AbortController();
    const { port } = endpoint.url;
    const named = (ip: string) => endpointOf(`${scheme}://stock.example.com:${port}`, { ip });
    const { reach } = throughThese([proxy], {}, { connectTimeoutMs: 1_000 });
    await expect(reach(named('169.254.169.254'), signal)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
    expect(proxy.asked).toBe(0);
    const listed = throughThese([proxy], {}, { guard: egressGuard(egressRules(['127.0.0.1'])) });
    await listed.reach(named('127.0.0.1'), signal);
    expect(proxy.tunnels).toEqual([`127.0.0.1:${port}`]);
  });

  test.skipIf(noEgressProxies !== null).each([
    ['Squid', startSquid],
    ['tinyproxy', startTinyproxy],
  ] as const)('calls through a real %s with credentials are answered, with others left alone', async (_name, start) => {
    await using real = await start(ACCOUNT);
    const { endpoint, calls } = await inventory(scheme);
    const at = (password: string) => ({ url: `http://${ACCOUNT.user}:${password}@127.0.0.1:${real.port}` });
    const { reserve, registry } = throughThese([at('wr0ng-Zq81'), at(ACCOUNT.password)]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => reserve(endpoint)));
    for (const each of answers) expect(each).toMatchObject(RESERVED);
    expect(calls.count).toBe(50);
    expect(registry.status()).toMatchObject([{ attempts: { answered: 0 } }, { attempts: { answered: 50 } }]);
    expect(JSON.stringify(registry.status())).not.toMatch(/Zq81/);
  });
});

/** A server that answers at once, and one that holds its calls. */
const served = async (held: boolean): Promise<RawServer> => {
  const server = await rawServer((stream) => {
    if (held) return;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(answer);
  });
  onTestFinished(() => server.stop());
  return server;
};

describe('a proxy that is killed during a call', () => {
  test.each([
    ['a read goes through another proxy', true, 'the connection was lost'],
    ['a write is not repeated', false, 'the connection was lost'],
  ])('%s, and the endpoint is not blamed', async (_title, idempotent, reason) => {
    const [[first, second], server] = [await threeProxies(), await served(true)];
    const { reserve, states } = throughThese([first, second]);
    const pending = reserve(server.endpoint, { idempotent });
    await expect.poll(() => server.sessions.length, { timeout: 60_000 }).toBe(1);
    await expect.poll(() => first.tunnels.length, { timeout: 60_000 }).toBe(1);
    server.answerWith((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(answer);
    });
    await first.kill();
    if (idempotent) expect(await pending).toMatchObject(RESERVED);
    else {
      const failure = await failureOf(pending);
      expect(failure).toMatchObject({ code: 'UPSTREAM_ERROR', reason });
      expect(outcomeOf(failure)).toEqual({ is: 'ignored' });
    }
    expect([second.tunnels.length, states()]).toEqual([idempotent ? 1 : 0, ['up', 'up']]);
  });
});

test('an error status of the backend is an answer of the proxy', async () => {
  const [[silent, second], server] = [await threeProxies(), await served(false)];
  server.answerWith((stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
  });
  silent.mode = { status: 503 };
  const { reserve, registry } = throughThese([silent, second]);
  expect(await failureOf(reserve(server.endpoint))).toMatchObject({ status: 5 });
  // Another proxy has reached the backend: the failure is that of the first one.
  expect(registry.status()).toMatchObject([{ attempts: { failed: 1 } }, { attempts: { answered: 1 } }]);
});

test('a proxy that does not answer CONNECT in time is replaced by another one', async () => {
  const [[hanging, second], server] = [await threeProxies(), await served(false)];
  hanging.mode = 'hang';
  const { reserve } = throughThese([hanging, second], {}, { connectTimeoutMs: 1_000 });
  expect(await reserve(server.endpoint)).toMatchObject(RESERVED);
});

test('a call that is aborted while its tunnel is opened ends at once', async () => {
  const [proxy, server] = [await forwardProxy(PASSWORD), await served(false)];
  proxy.mode = 'hang';
  const { reserve } = throughThese([proxy]);
  const caller = new AbortController();
  const pending = reserve(server.endpoint, { signal: caller.signal });
  await expect.poll(() => proxy.asked, { timeout: 60_000 }).toBe(1);
  caller.abort(new Error('the caller left'));
  await expect(pending).rejects.toThrow('the caller left');
});

test('connections through a proxy that leaves the list are closed', async () => {
  const [proxy, server] = [await forwardProxy(PASSWORD), await served(false)];
  const { reserve, registry } = throughThese([proxy]);
  await reserve(server.endpoint);
  registry.replace(parseProxyList('http://127.0.0.1:1'));
  await expect.poll(() => server.sessions[0]?.destroyed, { timeout: 60_000 }).toBe(true);
});

test('the option egress of a gRPC upstream chooses its proxies', async () => {
  const [[first, second], server] = [await threeProxies(), await served(false)];
  const { egress } = listedProxies([first, second], { labels: ['country:fr', 'country:de'] });
  const { send, close } = networkTransport(
    { name: 'inventory.stock', protocol: 'grpc', egress: { labels: { country: 'de' }, rotate: 'round-robin' } },
    trafficSettings({}),
    { clock: systemClock, egress: { ...directEgress(memoryCallCounters(systemClock)), ...egress } },
    () => {},
  );
  onTestFinished(close);
  expect(await send(callOf(server.endpoint, 'reserve', {}))).toMatchObject(RESERVED);
  expect([first.asked, second.asked]).toEqual([0, 1]);
});

test.each([
  ['grpc', 'http'],
  ['grpcs', 'https'],
] as const)(
  '%s endpoints are called through the usual proxy for %s, unless egress is false',
  async (scheme, variable) => {
    const proxy = await forwardProxy(PASSWORD);
    proxy.mode = { status: 403 };
    const { registry } = listedProxies([]);
    const [entry = null] = parseProxyList(proxy.url);
    const usual = usualProxies({ http: null, https: null, [variable]: entry }, []);
    const egress = { ...directEgress(memoryCallCounters(systemClock)), proxies: registry, usual };
    const askedBy = async (host: string, settings: null | undefined) => {
      const { send, close } = networkTransport(
        { name: 'inventory.stock', protocol: 'grpc', egress: settings },
        trafficSettings({}),
        { clock: systemClock, egress },
        () => {},
      );
      onTestFinished(close);
      const before = proxy.asked;
      await failureOf(send(callOf(endpointOf(`${scheme}://${host}:1`), 'reserve', {})));
      return proxy.asked - before;
    };
    expect([await askedBy('stock.invalid', undefined), await askedBy('stock.invalid', null)]).toEqual([1, 0]);
    expect([await askedBy('127.0.0.1', undefined)]).toEqual([0]);
  },
);
