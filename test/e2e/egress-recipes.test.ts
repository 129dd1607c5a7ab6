import { once } from 'node:events';
import { get, request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { egressGuard } from '../../src/config/egress/egress-guard.ts';
import { egressRules } from '../../src/config/egress/egress-rules.ts';
import { readConfig } from '../../src/config/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import { memoryCallCounters } from '../../src/rate-limit/call-counter.ts';
import { directEgress } from '../../src/upstream/egress/egress.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { readTls } from '../../src/upstream/tls/read-tls.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { noEgressProxies, startSquid } from '../support/backends/egress-proxies.ts';
import { noProxies, startNginx } from '../support/backends/proxies.ts';
import { type TlsServer, tlsServer } from '../support/backends/tls-servers.ts';
import { certificateFolder } from '../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../support/certificates/test-authority.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { restCall } from '../support/upstream/calls.ts';

const ACCOUNT = { user: 'gateway', password: 's3cret' };
const BASIC = `Basic ${Buffer.from(`${ACCOUNT.user}:${ACCOUNT.password}`).toString('base64')}`;
const PORT = 'http_port 3128\n';

/** Status of a CONNECT to a port on which nothing listens. */
const connectStatus = async (proxy: number, target: number, headers: Readonly<Record<string, string>>) => {
  const sent = request({ port: proxy, host: '127.0.0.1', method: 'CONNECT', path: `127.0.0.1:${target}`, headers });
  sent.end();
  const [response] = await once(sent, 'connect');
  sent.destroy();
  return response.statusCode;
};

test.skipIf(noEgressProxies !== null)(
  'the Squid of docs/egress.md tunnels to port 443 only, and only for its account',
  async () => {
    const [rules = ''] = blocksOf('docs/egress.md').flatMap(({ language, text }) =>
      language === 'squid' ? [text] : [],
    );
    expect(rules.startsWith(PORT)).toBe(true);
    await using squid = await startSquid(ACCOUNT, [], rules.slice(PORT.length));
    const statuses = [
      await connectStatus(squid.port, 443, {}),
      await connectStatus(squid.port, 8_443, { 'proxy-authorization': BASIC }),
      await connectStatus(squid.port, 443, { 'proxy-authorization': BASIC }),
    ];
    // It may connect to port 443, where nothing listens.
    expect(statuses).toEqual([407, 403, 503]);
  },
);

const BLOCKS = blocksOf('docs/egress.md');
const CONFIGURATION = BLOCKS.find(({ language }) => language === 'nginx')?.text ?? '';
const VARIABLES = BLOCKS.find(({ language, text }) => language === 'sh' && text.includes('TLS_CERT'))?.text ?? '';

const root = TestAuthority.root();
const client = root.issue();
const HOSTS = ['DNS:partner.example', 'DNS:pay.partner.example', 'DNS:other.example'];
const MUTUAL = { requestCert: true, rejectUnauthorized: true, ca: root.certificate };

type Localised = (text: string) => string;

/** Status of a read of this host through the NGINX of the page. */
const statusByNginx = async (host: string, localised: Localised): Promise<number | undefined> => {
  await using nginx = await startNginx(localised(CONFIGURATION));
  const [response] = await once(get(`${nginx.url}/things/1`, { headers: { host } }), 'response');
  response.resume();
  return response.statusCode;
};

/** Status of a read of this host with the variables of the page, in the terms of NGINX. */
const statusByGateway = async (host: string, localised: Localised, { port }: TlsServer): Promise<number> => {
  const lines = localised(VARIABLES).matchAll(/^(\w+)="(.*)"$/gm);
  const env = Object.fromEntries([...lines].map(([, name, text]) => [name, text ?? '']));
  const { EGRESS_ALLOW } = readConfig({ EGRESS_ALLOW: env.EGRESS_ALLOW }, []).settings;
  const refused: string[] = [];
  const guard = egressGuard(egressRules(EGRESS_ALLOW), {
    resolve: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    onRefused: (one) => refused.push(one.host),
  });
  const { settings, problems } = await readTls('SHOP_ORDERS_ENDPOINTS', env, {}, Date.now());
  expect(problems).toEqual([]);
  const endpoint = env.SHOP_ORDERS_ENDPOINTS?.replace('partner.example', `${host}:${port}`);
  const upstream = connectUpstream(
    {
      name: 'shop.partner',
      protocol: 'rest',
      sources: parseEndpoints(endpoint ?? '', 'rest'),
      traffic: { timeoutMs: 100_000, retry: false },
      check: { by: 'connecting' },
      tls: settings,
    },
    {
      clock: systemClock,
      connectTimeoutMs: 100_000,
      egress: { ...directEgress(memoryCallCounters(systemClock)), guard },
    },
  );
  onTestFinished(() => upstream.close());
  return upstream.send(restCall({ deadline: systemClock.now() + 200_000 })).then(
    ({ status }) => status,
    () => (refused.includes(host) ? 403 : 502),
  );
};

test.skipIf(noProxies !== null).each([
  ['a listed host', 'partner.example', HOSTS, root, 200],
  ['another listed host', 'pay.partner.example', HOSTS, root, 200],
  ['a host that is not listed', 'other.example', HOSTS, root, 403],
  ['a host below a listed one', 'a.partner.example', HOSTS, root, 403],
  ['a server with a certificate for another name', 'partner.example', ['DNS:other.example'], root, 502],
  ['a server of an unknown authority', 'partner.example', HOSTS, TestAuthority.root('another'), 502],
] as const)(
  '%s is called or refused by the NGINX of docs/egress.md as by the variables: %s',
  async (_what, host, names, authority, expected) => {
    const server = await tlsServer(authority.issue({ names: [...names] }), MUTUAL);
    const { path } = certificateFolder({ 'ca.crt': root.certificate, 'tls.crt': client.chain, 'tls.key': client.key });
    const localised: Localised = (text) =>
      text.replaceAll('/etc/tls/', `${path('')}/`).replaceAll(/203\.0\.113\.\d+:443/g, `127.0.0.1:${server.port}`);
    expect(await statusByNginx(host, localised)).toBe(expected);
    expect(await statusByGateway(host, localised, server)).toBe(expected);
    expect(server.requests.map(({ servername }) => servername)).toEqual(expected === 200 ? [host, host] : []);
  },
);
