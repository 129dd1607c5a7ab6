import { ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Call } from '../../src/upstream/call.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import type { UpstreamEvent } from '../../src/upstream/events.ts';
import type { TrafficOptions } from '../../src/upstream/options.ts';
import { readTls } from '../../src/upstream/tls/read-tls.ts';
import { connectUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import { tlsServer } from '../support/backends/tls-servers.ts';
import { certificateFolder, mountedSecret } from '../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../support/certificates/test-authority.ts';
import { callOf, inventoryServer } from '../support/grpc/grpc-server.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { restCall } from '../support/upstream/calls.ts';

const root = TestAuthority.root();
const other = TestAuthority.root('other');
const intermediate = root.intermediate();
const server = intermediate.issue();
const [first, second] = [intermediate.issue({ commonName: 'gateway' }), intermediate.issue({ commonName: 'gateway' })];
const VERIFYING = { requestCert: true, rejectUnauthorized: true, ca: root.certificate };

interface Options {
  readonly protocol?: 'rest' | 'grpc';
  /** Variables after `SHOP_THINGS_TLS_`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly traffic?: TrafficOptions;
}

/** An upstream with TLS of variables. */
const upstreamTo = async (addresses: string, { protocol = 'rest', variables, traffic = {} }: Options) => {
  const env = Object.fromEntries(Object.entries(variables).map(([name, text]) => [`SHOP_THINGS_TLS_${name}`, text]));
  const { settings, problems } = await readTls('SHOP_THINGS_ENDPOINTS', env, {}, Date.now());
  expect(problems).toEqual([]);
  const events: UpstreamEvent[] = [];
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol,
      sources: parseEndpoints(addresses, protocol),
      traffic: { timeoutMs: 100_000, ...traffic },
      check: { by: 'connecting' },
      tls: settings,
    },
    { clock: systemClock, connectTimeoutMs: 100_000, report: (event) => events.push(event) },
  );
  onTestFinished(() => upstream.close());
  return { upstream, events };
};

let calls = 0;
/** A read of its own: equal ones would share a flight. */
const read = (): Call => {
  calls += 1;
  const deadline = systemClock.now() + 200_000;
  return restCall({ deadline, route: 'GET /things/{id}' }, { target: `/things/${calls}` });
};
const reserve = (): Call => {
  calls += 1;
  return callOf(endpointAt('grpcs://unused'), 'reserve', { sku: `s${calls}` }, { endpoint: null });
};

/** Sends eight calls at a time until the condition holds. Returns the number of calls; a failed call fails the test. */
const loadUntil = async ({ send }: Upstream, callOfLoad: () => Call, condition: () => boolean): Promise<number> => {
  let sent = 0;
  const until = systemClock.now() + LONG_WAIT.timeout;
  const client = async () => {
    while (!condition()) {
      if (systemClock.now() > until) throw new Error(`the condition did not hold after ${sent} calls`);
      await send(callOfLoad());
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return sent;
};

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

test.each(['rest', 'grpc'] as const)(
  'a server of an authority that was removed is refused, over %s',
  async (protocol) => {
    const folder = certificateFolder({ ca: root.certificate + other.certificate });
    const backend = await tlsServer(server);
    await using inventory = await inventoryServer(
      { Reserve: (_: unknown, reply: sendUnaryData<unknown>) => reply(null, { reserved: true }) },
      {
        credentials: ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.chain) },
        ]),
      },
    );
    const address = protocol === 'rest' ? `https://localhost:${backend.port}` : `grpcs://localhost:${inventory.port}`;
    const { upstream, events } = await upstreamTo(address, {
      protocol,
      variables: { CA: folder.path('ca') },
      traffic: { circuit: false, retry: false },
    });
    const call = protocol === 'rest' ? read : reserve;
    await upstream.send(call());
    folder.replace('ca', other.certificate);
    await vi.waitFor(() => expect(upstream.status().tls?.reloads).toBe(1), LONG_WAIT);
    await expect(upstream.send(call())).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      reason: expect.stringMatching(/^TLS: the certificate of the server is from an authority that is not trusted/),
    });
    expect(events.filter(({ is }) => is === 'handshake')).toMatchObject([{ address, cause: 'unknown-ca' }]);
  },
);

test('a write that fails in the handshake is sent to another endpoint, and the failure counts against the bad one', async () => {
  const folder = certificateFolder({ ca: root.certificate });
  const expired = await tlsServer(root.issue({ days: [-9, -1] }));
  const good = await tlsServer(server);
  const { upstream } = await upstreamTo(`https://localhost:${expired.port},https://localhost:${good.port}`, {
    variables: { CA: folder.path('ca') },
    traffic: { balance: { policy: 'round-robin', slowStartMs: 0 }, circuit: { consecutiveFailures: 3 } },
  });
  for (let sent = 0; sent < 20; sent += 1) await upstream.send({ ...read(), idempotent: false });
  expect([expired.requests.length, good.requests.length]).toEqual([0, 20]);
  const { endpoints, tls, total } = upstream.status();
  expect(endpoints.map(({ state }) => state)).toEqual(['open', 'up']);
  expect(tls).toMatchObject({ handshakeFailures: { expired: 3 }, lastFailure: { cause: 'expired' } });
  expect(total).toMatchObject({ attempts: 23, failedAttempts: 3, retries: 3 });
});

test('the check of an endpoint without a health path includes the handshake', async () => {
  const folder = certificateFolder({ ca: root.certificate });
  const [good, bad] = [await tlsServer(server), await tlsServer(other.issue())];
  const { upstream } = await upstreamTo(`https://localhost:${good.port},https://localhost:${bad.port}`, {
    variables: { CA: folder.path('ca') },
  });
  expect(await upstream.health()).toMatchObject([
    { status: 'up' },
    { status: 'down', detail: expect.stringMatching(/^TLS: .* authority that is not trusted/) },
  ]);
});

test('a certificate that expires soon is reported once, with its place', async () => {
  const folder = certificateFolder({
    ca: root.certificate,
    ...Object.fromEntries(Object.entries(root.issue({ days: [-300, 20] }))),
  });
  const backend = await tlsServer(root.issue({ days: [-300, 5] }));
  const { upstream, events } = await upstreamTo(`https://localhost:${backend.port}`, {
    variables: { CA: folder.path('ca'), CERT: folder.path('chain'), KEY: folder.path('key') },
  });
  await upstream.send(read());
  await upstream.send(read());
  expect(events.filter(({ is }) => is === 'certificate')).toMatchObject([
    { to: 'expires-soon', use: 'client', place: folder.path('chain') },
    { to: 'expires-soon', use: 'server', place: `https://localhost:${backend.port}` },
  ]);
  expect(upstream.status().tls?.certificates.map(({ use, state }) => [use, state])).toEqual([
    ['client', 'expires-soon'],
    ['ca', 'valid'],
    ['server', 'expires-soon'],
  ]);
});
