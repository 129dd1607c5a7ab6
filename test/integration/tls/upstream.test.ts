import { ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLeases } from '../../../src/upstream/endpoints/registrations/memory-leases.ts';
import { openRegistrations } from '../../../src/upstream/endpoints/registrations/registrations.ts';
import { openSource } from '../../../src/upstream/endpoints/sources/open-source.ts';
import { dnsServer } from '../../support/backends/dns-server.ts';
import { tlsServer } from '../../support/backends/tls-servers.ts';
import { certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../support/certificates/test-authority.ts';
import { inventoryServer } from '../../support/grpc/grpc-server.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';
import { read, reserve, upstreamTo } from '../../support/upstream/upstream-with-tls.ts';

const root = TestAuthority.root();
const other = TestAuthority.root('other');
const intermediate = root.intermediate();
const server = intermediate.issue();

test('an endpoint from DNS, and one that has registered itself, are called by name over TLS', async () => {
  const folder = certificateFolder({ ca: root.certificate });
  const backend = await tlsServer(root.issue({ names: ['DNS:orders.example'] }));
  await using dns = await dnsServer();
  dns.set('orders.example', { is: 'addresses', a: ['127.0.0.1'], ttlS: 60 });
  const registrations = openRegistrations({
    store: memoryLeases(systemClock),
    clock: systemClock,
    networks: ['127.0.0.0/8'],
  });
  const open = openSource({ clock: systemClock, dnsServers: [dns.address], registrations });
  const [byDns, byName] = await Promise.all(
    [`dns+https://orders.example:${backend.port}`, 'registered:'].map((addresses) =>
      upstreamTo(addresses, { variables: { CA: folder.path('ca') }, open }),
    ),
  );
  await registrations.register('shop.things', 'a', {
    address: `https://127.0.0.1:${backend.port}`,
    host: 'orders.example',
    ttlMs: 60_000,
  });
  for (const { upstream } of [byDns, byName].filter((one) => one !== undefined)) {
    await upstream.ready;
    await vi.waitFor(() => expect(upstream.status().endpoints).toHaveLength(1), LONG_WAIT);
    expect(await upstream.send(read())).toMatchObject({ status: 200 });
  }
  expect(backend.requests.map(({ servername }) => servername)).toEqual(['orders.example', 'orders.example']);
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
