import { renameSync, writeFileSync } from 'node:fs';
import { createServer as createTcp } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startCollector } from '../support/backends/collector.ts';
import { noDnsmasq, startDnsmasq } from '../support/backends/dnsmasq.ts';
import { noEgressProxies, startSquid, startTinyproxy } from '../support/backends/egress-proxies.ts';
import { forwardProxy } from '../support/backends/forward-proxy.ts';
import { BACKEND_CERTIFICATE, backendOver, listening } from '../support/backends/scheme-backend.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { readMany, startEgressGateway } from '../support/processes/egress-gateway.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const ACCOUNT = { user: 'gateway', password: 'g3heim-Zq81' };
const SECRETS = [
  ACCOUNT.password,
  Buffer.from(`${ACCOUNT.user}:${ACCOUNT.password}`).toString('base64'),
  Buffer.from(`${ACCOUNT.user}:wr0ng-Zq81`).toString('base64'),
  'wr0ng-Zq81',
];
const LONG = 300_000;

/** A proxy that accepts connections and never answers. */
const hangingProxy = async (): Promise<number> => listening(createTcp((socket) => socket.resume()));

const authority = (): string => `${folderWith({ 'ca.pem': BACKEND_CERTIFICATE.cert })}/ca.pem`;

const proxyAt = (port: number, password: string, name: string, label = 'country:de'): string =>
  `http://${ACCOUNT.user}:${password}@127.0.0.1:${port};name=${name};labels=${label}`;

test.skipIf(noEgressProxies !== null).each(['https', 'http'])(
  '1,000 %s calls over proxies succeed while two reject the gateway and one hangs, and no credential is shown',
  { timeout: LONG },
  async (scheme) => {
    await using squid = await startSquid(ACCOUNT);
    await using tinyproxy = await startTinyproxy(ACCOUNT);
    await using collector = await startCollector();
    const backend = await backendOver(scheme);
    const file = `${folderWith({
      proxies: [
        '# for the test',
        proxyAt(await hangingProxy(), ACCOUNT.password, 'hanging'),
        `http://127.0.0.1:${tinyproxy.port};name=denying;labels=country:de`,
        proxyAt(tinyproxy.port, 'wr0ng-Zq81', 'mistaken'),
        proxyAt(squid.port, ACCOUNT.password, 'squid'),
        proxyAt(squid.port, ACCOUNT.password, 'elsewhere', 'country:fr'),
      ].join('\n'),
    })}/proxies`;
    // A busy machine may pause for longer than the usual timeouts, by which a hanging proxy is recognised.
    const gateway = await startEgressGateway("{ egress: { labels: { country: 'de' } }, timeoutMs: 10_000 }", {
      REQUEST_TIMEOUT_MS: '200000',
      PARTNER_THINGS_ENDPOINTS: backend.url,
      EGRESS_PROXIES: `file:${file}`,
      NODE_EXTRA_CA_CERTS: authority(),
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    const results = await readMany(gateway, 1_000, 20);
    expect(results.filter(({ thing }) => thing !== 'well')).toEqual([]);
    console.log(
      scheme,
      'slowest read',
      Math.round(Math.max(...results.map(({ ms }) => ms))),
      'ms, backend calls',
      backend.arrivals.length,
    );
    // A call that a proxy holds has not reached the backend. On a busy machine a slow read may be sent twice.
    expect(backend.arrivals.length).toBeGreaterThanOrEqual(1_000);
    expect(backend.arrivals.length).toBeLessThan(1_020);

    const { egress, upstreams } = await gateway.status();
    const byName = Object.fromEntries(egress.proxies.map((proxy) => [proxy.name, proxy]));
    expect(byName.squid).toMatchObject({ state: 'up', attempts: { answered: 1_000, refused: 0 } });
    for (const name of ['denying', 'mistaken']) {
      expect(byName[name]).toMatchObject({ attempts: { answered: 0, refused: expect.any(Number) } });
      expect(byName[name]?.attempts.refused).toBeGreaterThan(0);
    }
    expect(byName.hanging).toMatchObject({ attempts: { answered: 0 } });
    expect(byName.elsewhere).toMatchObject({ state: 'up', attempts: { answered: 0 } });
    expect(upstreams['partner.things']?.endpoints).toMatchObject([{ state: 'up' }]);

    // Only the proxy with the wrong password is left: all spent.
    writeFileSync(`${file}.new`, proxyAt(tinyproxy.port, 'wr0ng-Zq81', 'mistaken'));
    renameSync(`${file}.new`, file);
    await gateway.running.waitFor(/read again from their changed file/);
    const spent = await gateway.read();
    expect(spent).toMatchObject({ thing: null, code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    expect(spent.retryAfter).toBeGreaterThanOrEqual(1);
    writeFileSync(file, `http://${ACCOUNT.user}:${ACCOUNT.password}@;labels=`);
    await gateway.running.waitFor(/cannot be used; the last list stays in use/);

    await vi.waitUntil(() => collector.spans.length > 0, LONG_WAIT);
    const shown = {
      answers: gateway.answers(),
      status: await gateway.admin('/status'),
      metrics: await gateway.admin('/metrics'),
      telemetry: collector.bodies.join('\n'),
      output: gateway.running.output(),
    };
    expect(shown.metrics).toMatch(/tributary_egress_proxy_up\{tributary_proxy="mistaken"\} 0/);
    expect(shown.metrics).toContain('tributary_egress_proxy_attempts_total');
    for (const [what, text] of Object.entries(shown))
      for (const secret of SECRETS) expect(text.includes(secret), `${what} has a credential`).toBe(false);
  },
);

test.skipIf(noEgressProxies !== null)(
  'the file of proxies changes under load without a failed call, from Squid to tinyproxy and back',
  { timeout: LONG },
  async () => {
    await using squid = await startSquid(ACCOUNT);
    await using tinyproxy = await startTinyproxy(ACCOUNT);
    const backend = await backendOver('https');
    const lists = [squid.port, tinyproxy.port, squid.port].map((port, at) =>
      proxyAt(port, ACCOUNT.password, `list-${at}`),
    );
    const file = `${folderWith({ proxies: lists[0] ?? '' })}/proxies`;
    const gateway = await startEgressGateway("{ egress: { rotate: 'least-used' } }", {
      PARTNER_THINGS_ENDPOINTS: backend.url,
      EGRESS_PROXIES: `file:${file}`,
      NODE_EXTRA_CA_CERTS: authority(),
    });
    let isOver = false;
    const failures: unknown[] = [];
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const result = await gateway.read();
        if (result.thing !== 'well') failures.push(result);
      }
    });
    for (const [at, list] of lists.entries()) {
      if (at === 0) continue;
      writeFileSync(`${file}.new`, list);
      renameSync(`${file}.new`, file);
      await vi.waitFor(async () => {
        const { egress } = await gateway.status();
        expect(egress.proxies).toMatchObject([{ name: `list-${at}` }]);
        expect(egress.proxies[0]?.attempts.answered).toBeGreaterThan(20);
      }, LONG_WAIT);
    }
    isOver = true;
    await Promise.all(load);
    expect(failures).toEqual([]);
  },
);

test.skipIf(noEgressProxies !== null)(
  'HTTP_PROXY carries calls and requests for keys to names that only the proxy resolves, and NO_PROXY excepts hosts',
  { timeout: LONG },
  async () => {
    await using squid = await startSquid(ACCOUNT, ['things.example', 'issuer.example']);
    const urls: (string | undefined)[] = [];
    const backend = await backendOver('http', (request, response) => {
      urls.push(request.headers.host);
      response.end(request.url === '/keys' ? '{"keys":[]}' : '"well"');
    });
    const env = {
      PARTNER_THINGS_ENDPOINTS: `http://things.example:${backend.port}`,
      HTTP_PROXY: `http://${ACCOUNT.user}:${ACCOUNT.password}@127.0.0.1:${squid.port}`,
      JWT_ISSUERS: `https://issuer.example;audience=shop;jwks=http://issuer.example:${backend.port}/keys`,
    };
    const gateway = await startEgressGateway('{}', env);
    expect(await gateway.read()).toMatchObject({ thing: 'well' });
    const header = Buffer.from('{"alg":"RS256","typ":"at+jwt"}').toString('base64url');
    const claims = Buffer.from('{"iss":"https://issuer.example"}').toString('base64url');
    await gateway.read({ authorization: `Bearer ${header}.${claims}.c2ln` }).catch(() => {});
    await gateway.running.waitFor(/Fetching the keys of an issuer failed.*no usable key|no usable key/);
    expect(urls).toEqual([`things.example:${backend.port}`, `issuer.example:${backend.port}`]);

    const direct = await startEgressGateway('{ egress: false }', env);
    expect(await direct.read()).toMatchObject({ thing: null, code: 'SERVICE_UNAVAILABLE' });
    const excepted = await startEgressGateway('{}', { ...env, NO_PROXY: '.example' });
    expect(await excepted.read()).toMatchObject({ thing: null, code: 'SERVICE_UNAVAILABLE' });
    expect(urls).toHaveLength(2);
  },
);

test.skipIf(noDnsmasq !== null)(
  'a name that turns to the metadata address after good answers is refused, and so is a redirect there',
  { timeout: LONG },
  async () => {
    const backend = await backendOver('http', (request, response) => {
      if (request.url?.endsWith('/7') === true) response.writeHead(302, { location: 'http://169.254.169.254/' });
      response.end('"well"');
    });
    await using dns = await startDnsmasq(['--host-record=things.example,127.0.0.1'], 1);
    const gateway = await startEgressGateway("{ retry: false, redirects: { origins: ['http://169.254.169.254'] } }", {
      PARTNER_THINGS_ENDPOINTS: `dns+http://things.example:${backend.port}`,
      DNS_SERVERS: dns.address,
    });
    for (let read = 1; read < 7; read += 1) expect(await gateway.read()).toMatchObject({ thing: 'well' });
    expect(await gateway.read()).toMatchObject({ thing: null, code: 'SERVICE_UNAVAILABLE' });
    await gateway.running.waitFor(/the gateway must not call this host/);
    const before = backend.arrivals.length;
    await dns.set(['--host-record=things.example,169.254.169.254']);
    await vi.waitFor(async () => expect((await gateway.read()).code).toBe('SERVICE_UNAVAILABLE'), LONG_WAIT);
    expect((await gateway.status()).egress.refusals.metadata).toBeGreaterThan(1);
    expect(backend.arrivals.length).toBeGreaterThanOrEqual(before);
    expect(gateway.answers()).not.toContain('169.254');
  },
);

test.each(['https', 'http'])('a proxy over TLS carries %s calls', { timeout: LONG }, async (scheme) => {
  const [backend, proxy] = [await backendOver(scheme), await forwardProxy(ACCOUNT.password, BACKEND_CERTIFICATE)];
  const gateway = await startEgressGateway('{ egress: {} }', {
    PARTNER_THINGS_ENDPOINTS: backend.url,
    EGRESS_PROXIES: proxy.url,
    NODE_EXTRA_CA_CERTS: authority(),
  });
  expect(await gateway.read()).toMatchObject({ thing: 'well' });
  expect([proxy.tunnels.length, proxy.requests.length]).toEqual(scheme === 'https' ? [1, 0] : [0, 1]);
  expect(gateway.running.output()).not.toContain('DeprecationWarning');
});

test('with EGRESS_ALLOW only listed hosts are called', { timeout: LONG }, async () => {
  const backend = await backendOver('http');
  const listed = await startEgressGateway('{}', {
    PARTNER_THINGS_ENDPOINTS: `http://localhost:${backend.port}`,
    EGRESS_ALLOW: 'localhost,10.0.0.0/8',
  });
  expect(await listed.read()).toMatchObject({ thing: 'well' });
  const other = await startEgressGateway('{}', {
    PARTNER_THINGS_ENDPOINTS: backend.url,
    EGRESS_ALLOW: '*.example.com,10.0.0.0/8',
  });
  expect(await other.read()).toMatchObject({ thing: null, code: 'SERVICE_UNAVAILABLE' });
  expect(await other.admin('/health')).toContain('EGRESS_REFUSED');
  expect((await other.status()).egress.refusals['not-listed']).toBeGreaterThan(0);
  expect(backend.arrivals).toHaveLength(1);
});
