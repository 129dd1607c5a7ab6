import type { ServerOptions } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { parseEndpoints } from '../../../src/upstream/endpoints/endpoint-list.ts';
import { readTls } from '../../../src/upstream/tls/read-tls.ts';
import { connectUpstream } from '../../../src/upstream/upstream.ts';
import { noProxies, startNginx } from '../../support/backends/proxies.ts';
import { tlsServer } from '../../support/backends/tls-servers.ts';
import { certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { selfSignedCertificate, TestAuthority } from '../../support/certificates/test-authority.ts';
import { blocksOf } from '../../support/processes/doc-blocks.ts';
import { restCall } from '../../support/upstream/calls.ts';

const BLOCKS = blocksOf('docs/tls.md');
const CONFIGURATION = BLOCKS.find(({ language, text }) => language === 'nginx' && text.includes('proxy_ssl_verify'));
const VARIABLES = BLOCKS.find(({ language, text }) => language === 'sh' && text.includes('SHOP_ORDERS_TLS_CA'));

const root = TestAuthority.root();
const intermediate = root.intermediate();
const client = intermediate.issue();
const issue = (options: Parameters<TestAuthority['issue']>[0] = {}) =>
  intermediate.issue({ names: ['DNS:orders.internal'], ...options });
const VERIFYING = { requestCert: true, rejectUnauthorized: true, ca: root.certificate };

type Server = readonly [certificate: ReturnType<typeof issue>, options?: ServerOptions];

/** Servers, and whether a call to them succeeds. */
const SERVERS: readonly (readonly [what: string, server: () => Server, succeeds: boolean])[] = [
  ['a good certificate', () => [issue()], true],
  ['a client certificate that is required', () => [issue(), VERIFYING], true],
  ['TLS 1.2', () => [issue(), { maxVersion: 'TLSv1.2' }], true],
  ['an expired certificate', () => [issue({ days: [-9, -1] })], false],
  ['a certificate that is not valid yet', () => [issue({ days: [1, 9] })], false],
  ['a certificate for another name', () => [intermediate.issue({ names: ['DNS:other.internal'] })], false],
  [
    'a certificate of an unknown authority',
    () => [TestAuthority.root('x').issue({ names: ['DNS:orders.internal'] })],
    false,
  ],
  ['a self-signed certificate', () => [selfSignedCertificate()], false],
  [
    'another authority of client certificates',
    () => [issue(), { ...VERIFYING, ca: TestAuthority.root('y').certificate }],
    false,
  ],
  ['TLS 1.1', () => [issue(), { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }], false],
];

test.skipIf(noProxies !== null).each(SERVERS)(
  'a server with %s is called or refused as by the NGINX configuration of docs/tls.md',
  async (_, serverOf, succeeds) => {
    const [certificate, options] = serverOf();
    const server = await tlsServer(certificate, options);
    const { path } = certificateFolder({ 'ca.crt': root.certificate, 'tls.crt': client.chain, 'tls.key': client.key });
    const localised = (text = '') =>
      text.replaceAll('/etc/tls/', `${path('')}/`).replaceAll('127.0.0.1:8443', `127.0.0.1:${server.port}`);

    await using nginx = await startNginx(localised(CONFIGURATION?.text));
    const { status } = await fetch(`${nginx.url}/things/1`);
    expect([status, server.requests.length]).toEqual(succeeds ? [200, 1] : [502, 0]);

    const env = Object.fromEntries(
      [...localised(VARIABLES?.text).matchAll(/^(\w+)="(.*)"$/gm)].map(([, name, text]) => [name, text ?? '']),
    );
    const { settings, problems } = await readTls('SHOP_ORDERS_ENDPOINTS', env, {}, Date.now());
    expect(problems).toEqual([]);
    const upstream = connectUpstream(
      {
        name: 'shop.orders',
        protocol: 'rest',
        sources: parseEndpoints(env.SHOP_ORDERS_ENDPOINTS ?? '', 'rest'),
        traffic: { timeoutMs: 100_000, retry: false },
        check: { by: 'connecting' },
        tls: settings,
      },
      { clock: systemClock, connectTimeoutMs: 100_000 },
    );
    onTestFinished(() => upstream.close());
    const sent = await upstream.send(restCall({ deadline: systemClock.now() + 200_000 })).then(
      (answer) => answer.status,
      () => 502,
    );
    expect([sent, server.requests.length]).toEqual(succeeds ? [200, 2] : [502, 0]);
    expect(server.requests.map(({ servername }) => servername)).toEqual(
      succeeds ? ['orders.internal', 'orders.internal'] : [],
    );
  },
);
