import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { silent } from '../../../test/support/http/public-rig.ts';
import { bodiless, post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { type TestGateway, testGateway } from '../../../test/support/http/test-gateway.ts';
import { firstCredential } from '../../auth/first-credential.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { ClientGoneError } from '../../core/errors.ts';
import { createAdminListener } from '../admin/admin-listener.ts';
import { createPublicListener } from '../graphql/public-listener.ts';
import { listenOnPort } from './bind-port.ts';
import { type DrainOptions, type RunningServer, startServer } from './server.ts';

const host = '127.0.0.1';
const SLOW = post('{"query":"{ slow }"}');
const HELLO = post('{"query":"{ hello }"}');

const start = (
  gateway: TestGateway,
  drain: DrainOptions,
  ports = { public: 0, admin: 0 },
  clock: Clock = systemClock,
): Promise<RunningServer> =>
  startServer({
    clock,
    listeners: (readiness) => ({
      public: createPublicListener({
        gateway,
        clock: systemClock,
        authenticator: firstCredential([]),
        config: { requestTimeoutMs: 200_000, maxBodyBytes: 10_000, corsOrigins: [], explorer: false },
        readiness,
        log: silent,
      }),
      admin: createAdminListener({
        clock: systemClock,
        log: silent,
        readiness,
        health: async () => ({ upstreams: {} }),
      }),
    }),
    public: { host, port: ports.public, portVariable: 'PORT', hostVariable: 'HOST' },
    admin: { host, port: ports.admin, portVariable: 'ADMIN_PORT', hostVariable: 'ADMIN_HOST' },
    drain,
  });

const refused = async (url: URL): Promise<boolean> => {
  const socket = connect(Number(url.port), host);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
};

test('a stop completes requests in flight, closes idle connections, and accepts no new ones', async () => {
  const gateway = await testGateway();
  const server = await start(gateway, { graceMs: 10_000 });
  const port = Number(server.publicUrl.port);
  const idle = await rawConnection(port);
  idle.send(HELLO);
  await idle.answers(1);
  const unused = await rawConnection(port);
  const busy = await rawConnection(port);
  const arrived = gateway.slowArrived();
  busy.send(SLOW);
  await arrived;

  const stopped = server.stop();
  expect(server.phase().is).toBe('draining');
  await Promise.all([idle.closed(), unused.closed()]);
  await expect.poll(() => refused(server.publicUrl)).toBe(true);
  expect((await fetch(new URL('/readyz', server.adminUrl))).status).toBe(503);
  expect((await fetch(new URL('/livez', server.adminUrl))).status).toBe(200);

  gateway.answerSlow('finished');
  const [answer] = await busy.answers(1);
  expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
  expect(JSON.parse(answer?.body ?? '')).toEqual({ data: { slow: 'finished' } });
  await stopped;
  expect(server.phase()).toEqual({ is: 'stopped', failure: null });
  expect(await refused(server.adminUrl)).toBe(true);
  expect(server.stop()).toBe(server.stop());
});

test('a request that exceeds the grace period is cut off and aborted', async () => {
  const gateway = await testGateway();
  const server = await start(gateway, { graceMs: 100 });
  const stuck = await rawConnection(Number(server.publicUrl.port));
  const arrived = gateway.slowArrived();
  stuck.send(SLOW);
  const { signal } = await arrived;
  await server.stop();
  await stuck.closed();
  expect(stuck.received()).toBe('');
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.reason).toBeInstanceOf(ClientGoneError);
});

test('while a stop is announced, requests are still served, and each response closes its connection', async () => {
  const gateway = await testGateway();
  const clock = manualClock();
  const server = await start(gateway, { graceMs: 10_000, announceMs: 300 }, { public: 0, admin: 0 }, clock);
  const port = Number(server.publicUrl.port);
  const kept = await rawConnection(port);
  kept.send(HELLO);
  await kept.answers(1);
  const stopped = server.stop();
  kept.send(HELLO);
  expect((await kept.answers(2))[1]).toMatchObject({ status: 200, headers: { connection: 'close' } });
  const fresh = await rawConnection(port);
  fresh.send(bodiless('GET', '/readyz'));
  expect((await fresh.answers(1))[0]).toMatchObject({ status: 503, headers: { connection: 'close' } });
  clock.advance(299);
  expect(await refused(server.publicUrl)).toBe(false);
  clock.advance(1);
  await stopped;
});

test.each([
  ['public', 'PORT'],
  ['admin', 'ADMIN_PORT'],
] as const)(
  'a %s port in use is rejected with the name of its variable, and nothing stays open',
  async (listener, variable) => {
    const occupant = createServer().listen(0, host);
    await once(occupant, 'listening');
    const address = occupant.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const starting = start(await testGateway(), { graceMs: 100 }, { public: 0, admin: 0, [listener]: port });
    await expect(starting).rejects.toThrow(
      `${variable} ${port} is already in use: stop what listens there, or set ${variable}`,
    );
    occupant.close();
  },
);

test('a host that is not an address of this machine is rejected with the name of its variable', async () => {
  const app = createAdminListener({
    clock: systemClock,
    log: silent,
    readiness: () => true,
    health: async () => ({ upstreams: {} }),
  });
  await expect(
    listenOnPort(app, { host: '192.0.2.1', port: 0, portVariable: 'PORT', hostVariable: 'HOST' }),
  ).rejects.toThrow('HOST 192.0.2.1 is not an address of this machine: set HOST');
  await app.close();
});
