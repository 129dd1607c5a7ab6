import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tlsServer } from '../../support/backends/tls-servers.ts';
import { certificateFolder, mountedSecret } from '../../support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../support/certificates/test-authority.ts';
import { inventoryServer } from '../../support/grpc/grpc-server.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { portOf } from '../../support/processes/ports.ts';
import { loadUntil, read, reserve, upstreamTo } from '../../support/upstream/upstream-with-tls.ts';

const root = TestAuthority.root();
const other = TestAuthority.root('other');
const intermediate = root.intermediate();
const server = intermediate.issue();
const [first, second] = [intermediate.issue({ commonName: 'gateway' }), intermediate.issue({ commonName: 'gateway' })];
const VERIFYING = { requestCert: true, rejectUnauthorized: true, ca: root.certificate };

test('a client certificate is replaced under load without an error, over REST', async () => {
  const secret = mountedSecret({ 'tls.crt': first.chain, 'tls.key': first.key, 'ca.crt': root.certificate });
  const backend = await tlsServer(server, VERIFYING);
  const { upstream, events } = await upstreamTo(`https://localhost:${backend.port}`, {
    variables: { CERT: secret.path('tls.crt'), KEY: secret.path('tls.key'), CA: secret.path('ca.crt') },
  });
  const lastClient = () => backend.requests.at(-1)?.client;
  await loadUntil(upstream, read, () => lastClient() === first.serial);
  secret.swap({ 'tls.crt': second.chain, 'tls.key': second.key, 'ca.crt': root.certificate });
  await loadUntil(upstream, read, () => lastClient() === second.serial);
  expect(upstream.status()).toMatchObject({
    total: { failedAttempts: 0, retries: 0 },
    tls: { reloads: 1, fault: null, handshakeFailures: {} },
  });
  expect(events.filter(({ is }) => is === 'certificate')).toMatchObject([{ to: 'reloaded' }]);
  // Calls in flight end on connections with the previous certificate. All later ones have the new one.
  await loadUntil(upstream, read, () => backend.requests.slice(-200).every(({ client }) => client === second.serial));
});

test('a client certificate is replaced under load without an error, over gRPC', async () => {
  const folder = certificateFolder({ cert: first.chain, key: first.key, ca: root.certificate });
  const clients: string[] = [];
  const credentials = ServerCredentials.createSsl(
    Buffer.from(root.certificate),
    [{ private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.chain) }],
    true,
  );
  await using backend = await inventoryServer(
    {
      Reserve: (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
        const { sslPeerCertificate } = call.getAuthContext();
        clients.push(sslPeerCertificate?.serialNumber ?? '');
        reply(null, { reserved: true });
      },
    },
    { credentials },
  );
  const { upstream } = await upstreamTo(`grpcs://localhost:${backend.port}`, {
    protocol: 'grpc',
    variables: { CERT: folder.path('cert'), KEY: folder.path('key'), CA: folder.path('ca') },
  });
  await loadUntil(upstream, reserve, () => clients.at(-1) === first.serial);
  // One after the other: in between they do not belong together.
  folder.replace('key', second.key);
  await loadUntil(upstream, reserve, () => upstream.status().tls?.fault !== null);
  folder.replace('cert', second.chain);
  await loadUntil(upstream, reserve, () => clients.at(-1) === second.serial);
  expect(upstream.status()).toMatchObject({
    total: { failedAttempts: 0, retries: 0 },
    tls: { reloads: 1, fault: null, handshakeFailures: {} },
  });
});

test('the certificate of a backend is replaced under load without an error, and its new serial number is shown', async () => {
  const next = intermediate.issue();
  const folder = certificateFolder({ ca: root.certificate });
  const backend = await tlsServer(server);
  const { upstream } = await upstreamTo(`https://localhost:${backend.port}`, {
    variables: { CA: folder.path('ca') },
    traffic: { limits: { callsPerConnection: 10 } },
  });
  const shown = () => upstream.status().tls?.certificates.find(({ use }) => use === 'server')?.serial;
  await loadUntil(upstream, read, () => shown() === server.serial);
  backend.replace(next);
  await loadUntil(upstream, read, () => shown() === next.serial);
  expect(upstream.status()).toMatchObject({ total: { failedAttempts: 0 }, tls: { handshakeFailures: {} } });
});

/** A server over HTTP/2 that answers every gRPC call with an empty message. */
const grpcBackend = async ({ chain, key }: Pick<IssuedCertificate, 'chain' | 'key'>) => {
  const backend = createSecureServer({ cert: chain, key });
  backend.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  await once(backend.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void backend.close());
  return {
    port: portOf(backend),
    replace: (next: Pick<IssuedCertificate, 'chain' | 'key'>) =>
      backend.setSecureContext({ cert: next.chain, key: next.key }),
  };
};

test('the certificate of a gRPC backend is replaced under load without an error', async () => {
  const next = intermediate.issue();
  const folder = certificateFolder({ ca: root.certificate });
  const backend = await grpcBackend(server);
  const { upstream } = await upstreamTo(`grpcs://localhost:${backend.port}`, {
    protocol: 'grpc',
    variables: { CA: folder.path('ca') },
    traffic: { limits: { callsPerConnection: 50 } },
  });
  const shown = () => upstream.status().tls?.certificates.find(({ use }) => use === 'server')?.serial;
  await loadUntil(upstream, reserve, () => shown() === server.serial);
  backend.replace(next);
  await loadUntil(upstream, reserve, () => shown() === next.serial);
  expect(upstream.status()).toMatchObject({ total: { failedAttempts: 0 }, tls: { handshakeFailures: {} } });
});

test('a call in flight ends on its connection after its authority was removed', async () => {
  const folder = certificateFolder({ ca: root.certificate + other.certificate });
  const held = Promise.withResolvers<string>();
  const backend = await tlsServer(server, {}, () => held.promise);
  const { upstream } = await upstreamTo(`https://localhost:${backend.port}`, { variables: { CA: folder.path('ca') } });
  const answer = upstream.send(read());
  await vi.waitFor(() => expect(backend.requests).toHaveLength(1), LONG_WAIT);
  folder.replace('ca', other.certificate);
  await vi.waitFor(() => expect(upstream.status().tls?.reloads).toBe(1), LONG_WAIT);
  held.resolve('{"late":true}');
  expect(await answer).toMatchObject({ value: { late: true } });
  await expect(upstream.send(read())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(backend.requests).toHaveLength(1);
});
