import { once } from 'node:events';
import { request as requestHttps } from 'node:https';
import { expect, onTestFinished, test, vi } from 'vitest';
import { certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../support/certificates/test-authority.ts';
import { http2Client, serverAuthority, trusting } from '../../support/http/tls-rig.ts';
import { folderWith } from '../../support/modules/module-folder.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { freePort } from '../../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../../support/processes/processes.ts';

const MODULE = `
import { defineBackend } from 'tributary/backend';
const text = 'type Query { hello: String me: String @authenticated }';
export default defineBackend()({
  name: 'small',
  typeDefs: { text, file: import.meta.filename },
  resolvers: { Query: { hello: () => 'world', me: (_root, _args, { principal }) => principal.subject } },
});
`;

const { issuer } = serverAuthority();
const clients = TestAuthority.root('clients of the program');
const operator = clients.issue({ commonName: 'operator' });

const start = async (variables: Readonly<Record<string, string>>): Promise<RunningProcess> => {
  const running = startNode('src/main.ts', [], {
    env: {
      SCHEMA_DIR: folderWith({ 'small/index.ts': MODULE }),
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      CLIENT_RATE_LIMIT: 'off',
      ...variables,
    },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  return running;
};

const statusOf = (port: number, path: string, tls: object = {}): Promise<number | string> =>
  new Promise((resolve) => {
    const sent = requestHttps({ port, path, agent: false, ...trusting(tls) });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'));
    sent.on('response', (response) => resolve(response.resume().statusCode ?? 0)).end();
  });

test('the program: certificates replaced under load, and its end under load, fail no request over HTTP/2', async () => {
  const first = issuer.issue();
  const folder = certificateFolder({ 'one.pem': first.chain, 'one.key': first.key });
  const port = await freePort();
  const running = await start({
    PORT: String(port),
    TLS_CERTIFICATES: `${folder.path('one.pem')};key=${folder.path('one.key')}`,
  });
  await running.waitFor(/ready: https:/);
  let serial = '';
  let ended = false;
  let requests = 0;
  const failures: unknown[] = [];
  // As a browser: a connection is used until GOAWAY, then another one.
  const load = Array.from({ length: 4 }, async () => {
    while (!ended) {
      const client = await http2Client(port).catch(() => null);
      if (client === null) break;
      serial = (
        client.session.socket as unknown as { getPeerCertificate(): { serialNumber: string } }
      ).getPeerCertificate().serialNumber;
      let isGoing = true;
      client.session.on('goaway', () => {
        isGoing = false;
      });
      for (let n = 0; n < 20 && isGoing && !client.session.closed; n += 1) {
        const answer = await client.post('{ hello }');
        requests += 1;
        if (answer.status !== 200 && isGoing) failures.push(answer);
      }
      client.session.close();
    }
  });
  for (let n = 0; n < 3; n += 1) {
    const next = issuer.issue();
    folder.replace('one.pem', next.chain);
    folder.replace('one.key', next.key);
    await vi.waitUntil(() => serial === next.serial, LONG_WAIT);
  }
  const before = requests;
  await vi.waitUntil(() => requests > before + 200, LONG_WAIT);
  const end = running.stop('SIGTERM');
  const ending = await end;
  ended = true;
  await Promise.all(load);
  expect(failures).toEqual([]);
  expect(ending).toMatchObject({ code: 0 });
  expect(running.output()).toContain('Certificates were read again from their changed file.');
});

test('the program: client certificates are optional for clients and required for operators', async () => {
  const served = issuer.issue({ days: [-300, 20] });
  const folder = certificateFolder({
    ...{ pem: served.chain, key: served.key, ca: clients.certificate },
    lists: clients.revocationList(),
  });
  const [port, adminPort] = [await freePort(), await freePort()];
  const certificates = `${folder.path('pem')};key=${folder.path('key')}`;
  const running = await start({
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    TLS_CERTIFICATES: certificates,
    TLS_CLIENT_CA: folder.path('ca'),
    TLS_CLIENT_CRL: folder.path('lists'),
    TLS_CLIENT_CERTIFICATES: 'optional',
    ADMIN_TLS_CERTIFICATES: certificates,
    ADMIN_TLS_CLIENT_CA: folder.path('ca'),
    ADMIN_TLS_CLIENT_CERTIFICATES: 'required',
  });
  await running.waitFor(/ready: https:.*admin https:/);
  const identity = { cert: operator.chain, key: operator.key };
  expect(await statusOf(port, '/readyz')).toBe(200);
  expect(await statusOf(adminPort, '/health', identity)).toBe(200);
  expect(await statusOf(adminPort, '/health')).toBe('ECONNRESET');
  await running.waitFor(/"listener":"admin","reason":"no client certificate"/);
  const read = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const sent = requestHttps({ port: adminPort, path, agent: false, ...trusting(identity) });
      sent
        .on('error', reject)
        .on('response', async (response) => resolve(Buffer.concat(await response.toArray()).toString()));
      sent.end();
    });
  const metrics = await read('/metrics');
  expect(metrics).toMatch(
    /tributary_listener_refusals_total\{[^}]*listener="admin"[^}]*reason="no client certificate"[^}]*\} 1/,
  );
  expect(metrics).toMatch(/tributary_listener_certificate_expiry[^{]*\{[^}]*listener="public"/);
  expect(metrics).toMatch(/tributary_listener_revocation_list_expiry[^{]*\{[^}]*listener="public"[^}]*\} \d{10}\n/);
  const { listeners } = JSON.parse(await read('/status'));
  expect(listeners.public.tls.revocationLists).toMatchObject([{ place: folder.path('lists'), state: 'valid' }]);
  expect(listeners.admin.tls.revocationLists).toEqual([]);
  for (const listener of [listeners.public, listeners.admin]) {
    expect(listener.tls).toMatchObject({ reloads: 0, fault: null });
    expect(listener.tls.certificates).toContainEqual(
      expect.objectContaining({
        use: 'server',
        place: folder.path('pem'),
        serial: served.serial,
        state: 'expires-soon',
      }),
    );
    expect(listener.tls.certificates).toContainEqual(
      expect.objectContaining({ use: 'ca', place: folder.path('ca'), state: 'valid' }),
    );
  }
  await running.waitFor(
    /A certificate expires soon[^\n]*"listener":"admin"|"listener":"admin"[^\n]*A certificate expires soon/,
  );
  await using client = await http2Client(port, identity);
  expect(JSON.parse((await client.post('{ me }')).body)).toEqual({ data: { me: 'CN=operator' } });
  await using anonymous = await http2Client(port);
  expect((await anonymous.post('{ me }')).body).toContain('UNAUTHENTICATED');
});

test('the program: an expired revocation list is a warning of the start, and certificates of its authority are refused', async () => {
  const served = issuer.issue();
  const folder = certificateFolder({
    ...{ pem: served.chain, key: served.key, ca: clients.certificate },
    old: clients.revocationList([-9, -1]),
  });
  const port = await freePort();
  const running = await start({
    PORT: String(port),
    TLS_CERTIFICATES: `${folder.path('pem')};key=${folder.path('key')}`,
    ...{ TLS_CLIENT_CA: folder.path('ca'), TLS_CLIENT_CRL: folder.path('old'), TLS_CLIENT_CERTIFICATES: 'optional' },
  });
  await running.waitFor(/ready: https:/);
  expect(running.output()).toMatch(
    /TLS_CLIENT_CRL: \S+ has a revocation list of clients of the program that has expired/,
  );
  await running.waitFor(/A certificate revocation list has expired: certificates of its authority are refused/);
  expect(await statusOf(port, '/readyz')).toBe(200);
  expect(await statusOf(port, '/readyz', { cert: operator.chain, key: operator.key })).toBe('ECONNRESET');
  await running.waitFor(/client certificate of an authority with an expired revocation list/);
  folder.replace('old', clients.revocationList());
  await vi.waitUntil(
    async () => (await statusOf(port, '/readyz', { cert: operator.chain, key: operator.key })) === 200,
    LONG_WAIT,
  );
});

test('the program: all problems of the variables of TLS are reported at the start, with variable, file and fix', async () => {
  const [served, other] = [issuer.issue(), issuer.issue()];
  const folder = certificateFolder({ pem: served.chain, key: other.key, ca: 'nothing' });
  const running = await start({
    PORT: '0',
    TLS_CERTIFICATES: `${folder.path('pem')};key=${folder.path('key')}`,
    TLS_CLIENT_CA: folder.path('ca'),
    TLS_CLIENT_CERTIFICATES: 'required',
    ADMIN_TLS_CLIENT_CERTIFICATES: 'optional',
    ACME_CHALLENGES: folder.path('absent'),
  });
  const [code] = [(await running.ended).code];
  expect(code).toBe(1);
  const output = running.output();
  expect(output).toContain(`TLS_CERTIFICATES: ${folder.path('pem')} is not the certificate of the key in`);
  expect(output).toContain(`TLS_CLIENT_CA: ${folder.path('ca')} has no certificate: use a file in PEM format`);
  expect(output).toContain('ADMIN_TLS_CLIENT_CERTIFICATES: requires ADMIN_TLS_CERTIFICATES');
  expect(output).toContain('ACME_CHALLENGES: is served on REDIRECT_PORT only');
});

test('the program: the port of redirects, and its end', async () => {
  const served = issuer.issue();
  const folder = certificateFolder({ pem: served.chain, key: served.key });
  const [port, redirectPort] = [await freePort(), await freePort()];
  const running = await start({
    PORT: String(port),
    REDIRECT_PORT: String(redirectPort),
    PUBLIC_PORT: '443',
    HSTS: '3600',
    TLS_CERTIFICATES: `${folder.path('pem')};key=${folder.path('key')}`,
  });
  await running.waitFor(/ready: https:/);
  const answer = await fetch(`http://localhost:${redirectPort}/graphql`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://localhost/graphql']);
  expect(answer.headers.get('strict-transport-security')).toBeNull();
  const sent = requestHttps({ port, path: '/livez', agent: false, ...trusting() }).end();
  const [response] = await once(sent, 'response');
  expect(response.headers['strict-transport-security']).toBe('max-age=3600');
  response.resume();
  expect(await running.stop('SIGTERM')).toMatchObject({ code: 0 });
});
