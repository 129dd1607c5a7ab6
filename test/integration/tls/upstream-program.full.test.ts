import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { noProxies, startNginx } from '../../support/backends/proxies.ts';
import { type CertificateFolder, certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../support/certificates/test-authority.ts';
import { folderWith } from '../../support/modules/module-folder.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { startNode } from '../../support/processes/processes.ts';

const MODULE = `
import { defineBackend, graphql, pass, remote, rest, sdl } from 'tributary/backend';
const response = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default defineBackend()({
  name: 'shop',
  typeDefs: sdl(import.meta.url),
  upstreams: { orders: rest({ retry: false, circuit: false }), best: graphql({ schema: './best.graphql', retry: false, circuit: false }) },
  routes: { 'GET /pages/{id}': pass('orders', '/pages/{id}') },
  resolvers: {
    Query: {
      order: (_root, { id }, { clients }) => clients.orders.get('/orders/{id}', { path: { id }, response }),
      best: remote('best'),
    },
  },
});
`;
const SDL =
  'type Query { order(id: ID!): Order best: Best } type Order { client: String sni: String } type Best { stars: Int }';

/** A server that requires a certificate. It reads its own one for each handshake. */
const nginxWith = ({ path }: CertificateFolder): string => `
map "" $folder { default ${path('')}; }
server {
  listen 80 ssl;
  ssl_certificate $folder/server.crt;
  ssl_certificate_key $folder/server.key;
  ssl_client_certificate ${path('clients.crt')};
  ssl_verify_client on;
  ssl_verify_depth 3;
  default_type application/json;
  location /orders/ { return 200 '{"client":"$ssl_client_serial","sni":"$ssl_server_name"}'; }
  location /pages/ { default_type text/html; return 400 '<title>400 Bad page</title>'; }
  location /graphql { return 200 '{"data":{"best":{"stars":5}}}'; }
}
`;

const Answer = z.object({
  data: z
    .object({ order: z.object({ client: z.string(), sni: z.string() }).nullish(), best: z.unknown() })
    .partial()
    .nullish(),
  errors: z.array(z.unknown()).optional(),
});

const root = TestAuthority.root();
const intermediate = root.intermediate();

const startGateway = async (port: number, env: Readonly<Record<string, string>>) => {
  const folder = folderWith({
    'shop/index.ts': MODULE,
    'shop/schema.graphql': SDL,
    'shop/best.graphql': 'type Query { best: Best } type Best { stars: Int }',
  });
  const running = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      SCHEMA_DIR: folder,
      SHOP_ORDERS_ENDPOINTS: `https://localhost:${port};weight=1`,
      SHOP_BEST_ENDPOINTS: `https://localhost:${port}`,
      ...env,
    },
  });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin ([^)\s]+)\)/);
  let id = 0;
  const query = async (document: string) => {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document }),
    });
    return Answer.parse(await response.json());
  };
  return {
    running,
    query,
    /** The answer of a pass-through route. */
    page: async () => {
      const response = await fetch(new URL('/pages/1', graphql));
      return [response.status, await response.text()] as const;
    },
    order: () => {
      id += 1;
      return query(`{ order(id: ${id}) { client sni } }`);
    },
    read: async (path: string) =>
      (await fetch(new URL(path, admin), { headers: { accept: 'application/json' } })).text(),
  };
};

const filesFor = ({ path }: CertificateFolder, upstream: string) => ({
  [`SHOP_${upstream}_TLS_CA`]: path('ca.crt'),
  [`SHOP_${upstream}_TLS_CERT`]: path('tls.crt'),
  [`SHOP_${upstream}_TLS_KEY`]: path('tls.key'),
});

const foldersWith = (client: ReturnType<TestAuthority['issue']>, server: ReturnType<TestAuthority['issue']>) =>
  certificateFolder({
    'ca.crt': root.certificate,
    'clients.crt': root.certificate + intermediate.certificate,
    'tls.crt': client.chain,
    'tls.key': client.key,
    'server.crt': server.chain,
    'server.key': server.key,
  });

test.skipIf(noProxies !== null)(
  'a gateway in front of NGINX with client certificates replaces both certificates under load without an error',
  async () => {
    const [client, next] = [intermediate.issue(), intermediate.issue()];
    const [server, nextServer] = [intermediate.issue(), intermediate.issue()];
    const folder = foldersWith(client, server);
    await using nginx = await startNginx(nginxWith(folder));
    const port = Number(new URL(nginx.url).port);
    const gateway = await startGateway(port, { ...filesFor(folder, 'ORDERS'), ...filesFor(folder, 'BEST') });
    expect(await gateway.order()).toEqual({ data: { order: { client: client.serial, sni: 'localhost' } } });
    expect(await gateway.query('{ best { stars } }')).toEqual({ data: { best: { stars: 5 } } });
    // A page that resembles a refusal is passed on unchanged.
    expect(await gateway.page()).toEqual([400, '<title>400 Bad page</title>']);

    const clients: string[] = [];
    const errors: unknown[] = [];
    let ended = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!ended) {
        const { data, errors: failed } = await gateway.order();
        clients.push(data?.order?.client ?? '');
        if (failed !== undefined) errors.push(...failed);
      }
    });
    folder.replace('server.crt', nextServer.chain);
    folder.replace('server.key', nextServer.key);
    folder.replace('tls.crt', next.chain);
    folder.replace('tls.key', next.key);
    await vi.waitFor(() => expect(clients.at(-1)).toBe(next.serial), LONG_WAIT);
    ended = true;
    await Promise.all(load);
    expect(errors).toEqual([]);
    expect(clients).toContain(client.serial);

    const status = JSON.parse(await gateway.read('/status')).upstreams['shop.orders'].tls;
    expect(status).toMatchObject({ handshakeFailures: {}, reloads: 1, fault: null });
    expect(status.certificates.map(({ use, serial }: { use: string; serial: string }) => [use, serial])).toContainEqual(
      ['server', nextServer.serial],
    );
    const metrics = await gateway.read('/metrics');
    expect(metrics).toContain(
      `tributary_upstream_certificate_expiry{tributary_upstream="shop.orders",tributary_certificate="client",tributary_file="${folder.path('tls.crt')}"`,
    );
  },
);

test.skipIf(noProxies !== null)(
  'a missing, wrong or removed certificate is refused with a message for operators, and none for clients',
  async () => {
    const folder = foldersWith(TestAuthority.root('stranger').issue(), intermediate.issue());
    await using nginx = await startNginx(nginxWith(folder));
    const port = Number(new URL(nginx.url).port);
    const gateway = await startGateway(port, {
      ...filesFor(folder, 'ORDERS'),
      SHOP_BEST_TLS_CA: folder.path('ca.crt'),
    });
    const refused = {
      data: { order: null },
      errors: [
        expect.objectContaining({
          message: 'A service behind this field is unavailable.',
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) },
        }),
      ],
    };
    expect(await gateway.order()).toEqual(refused);
    expect(await gateway.query('{ best { stars } }')).toMatchObject({ data: { best: null } });
    const [status, text] = await gateway.page();
    expect([status, JSON.parse(text)]).toMatchObject([503, { code: 'SERVICE_UNAVAILABLE' }]);
    expect(text).not.toMatch(/nginx|SSL|certificate/i);
    folder.replace('ca.crt', TestAuthority.root('other').certificate);
    await gateway.running.waitFor(/Certificates of an upstream were read again/);
    expect(await gateway.order()).toEqual(refused);

    const { upstreams } = JSON.parse(await gateway.read('/status'));
    expect(upstreams['shop.orders'].tls.handshakeFailures).toEqual({
      'client-certificate-refused': 2,
      'unknown-ca': 1,
    });
    expect(upstreams['shop.best'].tls.handshakeFailures).toEqual({ 'client-certificate-required': 1 });
    expect(await gateway.read('/metrics')).toMatch(
      /^tributary_upstream_handshake_failures_total\{tributary_upstream="shop.orders",tributary_reason="unknown-ca".*\} 1$/m,
    );
    const lines = gateway.running
      .output()
      .split('\n')
      .filter((line) => line.includes('A TLS handshake'));
    expect(
      lines.map((line) => JSON.parse(line)).map(({ upstream, cause, reason }) => [upstream, cause, reason]),
    ).toEqual([
      [
        'shop.orders',
        'client-certificate-refused',
        'the server refuses the certificate of the gateway (alert: bad certificate)',
      ],
      [
        'shop.best',
        'client-certificate-required',
        'the server requires a certificate of the gateway: set the files of certificate and key',
      ],
      ['shop.orders', 'unknown-ca', expect.stringMatching(/authority that is not trusted/)],
    ]);
  },
);

test('a mistake in files stops the start, with all problems', async () => {
  const folder = certificateFolder({ 'tls.crt': 'x', 'ca.crt': root.issue().key });
  await expect(
    startGateway(1, { SHOP_ORDERS_TLS_CERT: folder.path('tls.crt'), SHOP_BEST_TLS_CA: folder.path('ca.crt') }),
  ).rejects.toThrow(/SHOP_ORDERS_TLS_CERT: needs SHOP_ORDERS_TLS_KEY[\s\S]*SHOP_BEST_TLS_CA: \S+ has no certificate/);
});
