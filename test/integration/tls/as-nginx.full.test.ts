import type { IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { noProxies, startNginx, startTcpHaproxy } from '../../support/backends/proxies.ts';
import { type RawBackend, rawBackend } from '../../support/backends/raw-backend.ts';
import { type CertificateFolder, certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../support/certificates/test-authority.ts';
import { bodiless, exchange } from '../../support/http/raw-http.ts';
import { http2Client, secureSocket, serverAuthority } from '../../support/http/tls-rig.ts';
import { folderWith } from '../../support/modules/module-folder.ts';
import { blocksOf } from '../../support/processes/doc-blocks.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { freePort } from '../../support/processes/ports.ts';
import { startNode } from '../../support/processes/processes.ts';

const BLOCKS = blocksOf('docs/from-a-proxy.md');
const FROM = BLOCKS.findIndex(({ language, text }) => language === 'nginx' && text.includes('ssl_certificate'));
const block = (language: string): string => BLOCKS.slice(FROM).find((one) => one.language === language)?.text ?? '';

const root = TestAuthority.root('clients of a proxy');
const issuer = root.intermediate('intermediate of clients of a proxy');
const billing = issuer.issue({ commonName: 'billing', names: ['DNS:billing.internal'] });
const served = serverAuthority().issuer.issue({ names: ['DNS:shop.example', 'DNS:localhost'] });

const MODULE = `
import { defineBackend, rest } from 'tributary/backend';
const response = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default defineBackend()({
  name: 'shop',
  typeDefs: { text: 'type Query { order: String }', file: import.meta.filename },
  upstreams: { ${block('ts')} },
  resolvers: { Query: { order: (_root, _args, { clients }) => clients.orders.get('/orders/1', { response }) } },
});
`;

/** NGINX or the gateway, with the ports of TLS and of redirects. */
interface Front {
  readonly tls: number;
  readonly redirect: number;
  /** Path and method of a request that reaches the backend. */
  readonly path: string;
}

interface Scene extends Front {
  readonly backend: RawBackend;
  readonly received: readonly IncomingHttpHeaders[];
}

const localised = (text: string, { path }: CertificateFolder, backend: RawBackend): string =>
  text.replaceAll('/etc/tls/', `${path('')}/`).replaceAll('10.0.0.1:8080', new URL(backend.url).host);

const asNginx = async (folder: CertificateFolder, backend: RawBackend): Promise<Front> => {
  const tls = await freePort();
  const text = localised(block('nginx'), folder, backend).replaceAll('listen 443', `listen 127.0.0.1:${tls}`);
  const nginx = await startNginx(text);
  onTestFinished(() => nginx[Symbol.asyncDispose]());
  return { tls, redirect: Number(new URL(nginx.url).port), path: '/orders/1' };
};

const asGateway = async (folder: CertificateFolder, backend: RawBackend): Promise<Front> => {
  const [tls, redirect] = [await freePort(), await freePort()];
  const lines = localised(block('sh'), folder, backend).matchAll(/^(\w+)="?(.*?)"?$/gm);
  const variables = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
  const running = startNode('src/main.ts', [], {
    env: {
      ...variables,
      SCHEMA_DIR: folderWith({ 'shop/index.ts': MODULE }),
      ...{ HOST: '127.0.0.1', PORT: String(tls), REDIRECT_PORT: String(redirect), PUBLIC_PORT: '443', ADMIN_PORT: '0' },
    },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  await running.waitFor(/ready: https:/);
  return { tls, redirect, path: '/graphql?query={order}' };
};

const FRONTS = { nginx: asNginx, gateway: asGateway };

const sceneOf = async (name: keyof typeof FRONTS): Promise<Scene> => {
  const received: IncomingHttpHeaders[] = [];
  const backend = await rawBackend(({ headers }, response) => {
    received.push(headers);
    response.setHeader('content-type', 'application/json').end('"ok"');
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const folder = certificateFolder({
    'shop.pem': served.chain,
    'shop.key': served.key,
    'clients.pem': root.certificate,
  });
  return { ...(await FRONTS[name](folder, backend)), backend, received };
};

const identity = ({ chain: cert, key }: IssuedCertificate) => ({ cert, key });

/** Status of a request by HTTP/2 with this client; null if the connection is closed. */
const statusOf = async ({ tls, path }: Front, client: object, headers: Record<string, string> = {}) => {
  const opened = await http2Client(tls, { servername: 'shop.example', ...client }).catch(() => null);
  if (opened === null) return null;
  await using one = opened;
  const answer = await Promise.race([
    one.request({ ':path': path, ':authority': 'shop.example', 'apollo-require-preflight': 'yes', ...headers }),
    new Promise<null>((resolve) => one.session.once('close', () => resolve(null))),
  ]);
  return answer?.status ?? null;
};

type Behaviour = readonly [title: string, holds: (scene: Scene) => Promise<void>];

const BEHAVIOURS: readonly Behaviour[] = [
  [
    'the backend receives address, scheme, host and certificate of the client, and none of its forged headers',
    async (scene) => {
      const forged = {
        'x-real-ip': '6.6.6.6',
        'x-forwarded-for': '6.6.6.6',
        'x-client-dn': 'CN=admin',
        'x-client-verify': 'NONE',
      };
      expect(await statusOf(scene, identity(billing), forged)).toBe(200);
      expect(scene.received).toMatchObject([
        {
          host: 'shop.example',
          'x-real-ip': '127.0.0.1',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'shop.example',
          'x-client-dn': 'CN=billing',
          'x-client-verify': 'SUCCESS',
        },
      ]);
    },
  ],
  [
    'requests without a valid client certificate do not reach the backend',
    async (scene) => {
      const invalid = [
        {},
        identity(issuer.issue({ days: [-9, -1] })),
        identity(issuer.issue({ days: [1, 9] })),
        identity(TestAuthority.root('unknown').issue()),
      ];
      for (const client of invalid) expect([400, null]).toContain(await statusOf(scene, client));
      expect(scene.received).toEqual([]);
    },
  ],
  [
    'TLS 1.1 is refused, TLS 1.2 and 1.3 are accepted',
    async ({ tls }) => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
        (await secureSocket(tls, { minVersion: version, maxVersion: version, ...identity(billing) })).destroy();
      const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      await expect(secureSocket(tls, { ...old, ...identity(billing) })).rejects.toThrow();
    },
  ],
  [
    'Strict-Transport-Security has the configured value',
    async ({ tls, path }) => {
      await using client = await http2Client(tls, identity(billing));
      const answer = await client.request({ ':path': path, ':authority': 'shop.example' });
      expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
    },
  ],
  [
    'plain HTTP is redirected to the same URL',
    async ({ redirect }) => {
      const { answer } = await exchange(redirect, bodiless('GET', '/graphql?query={a}', { host: 'shop.example' }));
      expect([answer?.status, answer?.headers.location]).toEqual([308, 'https://shop.example/graphql?query={a}']);
    },
  ],
  [
    'another host is 421',
    async (scene) => {
      expect(
        await statusOf(scene, { ...identity(billing), servername: 'localhost' }, { ':authority': 'evil.test' }),
      ).toBe(421);
      expect(scene.received).toEqual([]);
    },
  ],
];

test
  .skipIf(noProxies)
  .each(
    Object.keys(FRONTS).flatMap((name) =>
      BEHAVIOURS.map(([title, holds]) => ({ name: name as keyof typeof FRONTS, title, holds })),
    ),
  )('TLS and clients as $name: $title', async ({ name, holds }) => {
  await holds(await sceneOf(name));
});

const PROXIED = `
server {
  listen 80 proxy_protocol;
  set_real_ip_from 127.0.0.0/8;
  real_ip_header proxy_protocol;
  location / { proxy_pass http://BACKEND; proxy_set_header X-Real-IP $remote_addr; }
}`;

test.skipIf(noProxies).each(['nginx', 'gateway'])(
  'a PROXY header of HAProxy sets the address of the client, as %s',
  async (name) => {
    const received: IncomingHttpHeaders[] = [];
    await using backend = await rawBackend(({ headers }, response) => {
      received.push(headers);
      response.setHeader('content-type', 'application/json').end('"ok"');
    });
    const port = await freePort();
    if (name === 'nginx') {
      // The helper waits for a port of its own.
      const text = `server { listen 80; }\n${PROXIED}`.replace('listen 80 proxy', `listen 127.0.0.1:${port} proxy`);
      const nginx = await startNginx(text.replace('BACKEND', new URL(backend.url).host));
      onTestFinished(() => nginx[Symbol.asyncDispose]());
    } else {
      const module = MODULE.replace(/forward: \{[\s\S]*?\},\n\}\)/, "forward: { client: ['x-real-ip'] },\n})");
      const running = startNode('src/main.ts', [], {
        env: {
          SCHEMA_DIR: folderWith({ 'shop/index.ts': module }),
          ...{ HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: '0', PROXY_PROTOCOL: '127.0.0.0/8' },
          SHOP_ORDERS_ENDPOINTS: backend.url,
        },
      });
      onTestFinished(() => running.stop('SIGKILL').then(() => {}));
      await running.waitFor(/ready: http:/);
    }
    for (const option of ['send-proxy', 'send-proxy-v2']) {
      await using proxy = await startTcpHaproxy(port, option);
      const path = name === 'nginx' ? '/orders/1' : '/graphql?query={order}';
      await fetch(`${proxy.url}${path}`, { headers: { 'apollo-require-preflight': 'yes', 'x-real-ip': '6.6.6.6' } });
    }
    await vi.waitUntil(() => received.length === 2, LONG_WAIT);
    expect(received.map((headers) => headers['x-real-ip'])).toEqual(['127.0.0.1', '127.0.0.1']);
    // Without a header the connection is closed.
    await expect(fetch(`http://127.0.0.1:${port}/orders/1`)).rejects.toThrow();
  },
);
