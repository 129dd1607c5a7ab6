import type { IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rawBackend } from '../../support/backends/raw-backend.ts';
import { type CertificateFolder, certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../support/certificates/test-authority.ts';
import { http2Client } from '../../support/http/tls-rig.ts';
import { folderWith } from '../../support/modules/module-folder.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { freePort } from '../../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../../support/processes/processes.ts';

const SDL = 'type Query { who: String seen: String }';

const INNER = `
import { defineBackend, rest } from 'tributary/backend';
const response = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default defineBackend()({
  name: 'inner',
  typeDefs: { text: '${SDL}', file: import.meta.filename },
  upstreams: { things: rest({ forward: { certificate: true, client: ['x-forwarded-for', 'x-forwarded-proto'] } }) },
  resolvers: {
    Query: {
      who: (_root, _args, { principal }) => JSON.stringify([principal.kind, principal.subject]),
      seen: (_root, _args, { clients }) => clients.things.get('/things', { response }),
    },
  },
});
`;

const OUTER = `
import { defineBackend, graphql, remote } from 'tributary/backend';
const text = '${SDL.replace('}', 'me: String }')}';
export default defineBackend()({
  name: 'outer',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { inner: graphql({ schema: './inner.graphql', forward: { certificate: true } }) },
  resolvers: {
    Query: {
      who: remote('inner'),
      seen: remote('inner'),
      me: (_root, _args, { principal }) => JSON.stringify([principal.kind, principal.subject]),
    },
  },
});
`;

const root = TestAuthority.root('authority of the chain');
const issuer = root.intermediate('intermediate of the chain');
const gateway = (name: string): IssuedCertificate =>
  issuer.issue({ commonName: name, names: ['DNS:localhost', `URI:spiffe://shop/${name}`] });
const mobile = issuer.issue({ commonName: 'mobile', names: ['URI:spiffe://shop/mobile'] });

const start = async (
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<RunningProcess> => {
  const running = startNode('src/main.ts', [], {
    env: { SCHEMA_DIR: folderWith(files), HOST: '127.0.0.1', ADMIN_PORT: '0', CLIENT_RATE_LIMIT: 'off', ...env },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  await running.waitFor(/ready: https:/);
  return running;
};

const filesOf = ({ chain, key }: IssuedCertificate) => ({ pem: chain, key, ca: root.certificate });
const listening = ({ path }: CertificateFolder) => ({
  TLS_CERTIFICATES: `${path('pem')};key=${path('key')}`,
  TLS_CLIENT_CA: path('ca'),
  TLS_CLIENT_CERTIFICATES: 'required',
});

const startChain = async () => {
  const received: IncomingHttpHeaders[] = [];
  const backend = await rawBackend(({ headers }, response) => {
    received.push(headers);
    response.setHeader('content-type', 'application/json').end('"ok"');
  });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const [innerFiles, outerFiles] = [
    certificateFolder(filesOf(gateway('inner'))),
    certificateFolder(filesOf(gateway('outer'))),
  ];
  const [innerPort, port] = [await freePort(), await freePort()];
  const inner = await start(
    { 'inner/index.ts': INNER },
    { PORT: String(innerPort), INNER_THINGS_ENDPOINTS: backend.url, ...listening(innerFiles) },
  );
  await start(
    { 'outer/index.ts': OUTER, 'outer/inner.graphql': SDL },
    {
      PORT: String(port),
      OUTER_INNER_ENDPOINTS: `https://localhost:${innerPort}`,
      OUTER_INNER_TLS_CA: outerFiles.path('ca'),
      OUTER_INNER_TLS_CERT: outerFiles.path('pem'),
      OUTER_INNER_TLS_KEY: outerFiles.path('key'),
      ...listening(outerFiles),
    },
  );
  return { port, innerPort, inner, innerFiles, outerFiles, received };
};

const CLIENT = { ca: root.certificate, cert: mobile.chain, key: mobile.key };

test('each gateway of a chain verifies its client: the inner one sees the outer one, and no header of it counts', async () => {
  const { port, received } = await startChain();
  await using client = await http2Client(port, CLIENT);
  const answer = await client.post('{ me who seen }', {
    'x-client-dn': 'CN=admin',
    'x-forwarded-client-cert': 'Hash=1',
  });
  expect(JSON.parse(answer.body)).toEqual({
    data: { me: '["certificate","CN=mobile"]', who: '["certificate","CN=outer"]', seen: 'ok' },
  });
  expect(received).toMatchObject([
    {
      'x-client-dn': 'CN=outer',
      'x-client-verify': 'SUCCESS',
      'x-forwarded-client-cert': expect.stringMatching(
        /^By=spiffe:\/\/shop\/inner;Hash=[\da-f]{64};Subject="CN=outer";(DNS=localhost;URI=spiffe:\/\/shop\/outer|URI=spiffe:\/\/shop\/outer;DNS=localhost)$/,
      ),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    },
  ]);
});

test('certificates of both sides of a chain are replaced under load without a failed request', async () => {
  const { port, inner, innerFiles, outerFiles, received } = await startChain();
  let ended = false;
  const failed: unknown[] = [];
  const load = Array.from({ length: 4 }, async () => {
    while (!ended) {
      await using client = await http2Client(port, CLIENT);
      for (let n = 0; n < 50 && !ended; n += 1) {
        const { body } = await client.post('{ seen }');
        if (body !== '{"data":{"seen":"ok"}}\n') failed.push(body);
      }
    }
  });
  for (const [folder, name] of [
    [innerFiles, 'inner'],
    [outerFiles, 'renewed'],
  ] as const) {
    const { chain, key } = gateway(name);
    folder.replace('pem', chain);
    folder.replace('key', key);
  }
  await inner.waitFor(/Certificates were read again/);
  await vi.waitUntil(() => received.some((headers) => headers['x-client-dn'] === 'CN=renewed'), LONG_WAIT);
  ended = true;
  await Promise.all(load);
  expect(failed).toEqual([]);
});

test('an outer gateway without a certificate that the inner one accepts gets no data, and the inner log has the reason', async () => {
  const { port, inner, innerFiles } = await startChain();
  innerFiles.replace('ca', TestAuthority.root('another authority of the chain').certificate);
  await inner.waitFor(/Certificates were read again/);
  await using client = await http2Client(port, CLIENT);
  const { body } = await client.post('{ seen }');
  expect(JSON.parse(body).data).toEqual({ seen: null });
  await inner.waitFor(/"reason":"client certificate of an unknown authority"/);
});
