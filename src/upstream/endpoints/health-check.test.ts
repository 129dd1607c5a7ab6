import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { expect, onTestFinished, test } from 'vitest';
import { rawBackend } from '../../../test/support/backends/raw-backend.ts';
import { inventoryServer } from '../../../test/support/grpc/grpc-server.ts';
import { freePort } from '../../../test/support/processes/ports.ts';
import { endpoint } from '../../../test/support/upstream/calls.ts';
import { transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { manualDependencies } from '../../../test/support/upstream/scripted-send.ts';
import { systemClock } from '../../core/clock.ts';
import type { Send } from '../call.ts';
import { circuitsOf } from '../circuit/endpoint-circuits.ts';
import type { LayerDependencies } from '../events.ts';
import { grpcTransport } from '../grpc/transport.ts';
import { checkSettings } from '../options.ts';
import { activeChecks } from './active-checks.ts';
import type { Endpoint } from './endpoint.ts';
import { type HealthCheck, healthOf } from './health-check.ts';
import { memberWith } from './member.ts';
import { peakEwma } from './peak-ewma.ts';

/** Long enough for an answer on a busy machine. */
const PATIENT_CHECK = { timeoutMs: 100_000 };

const HEALTH = protobuf.parse(`
  syntax = "proto3";
  package grpc.health.v1;
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse {
    enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
    ServingStatus status = 1;
  }
  service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }`);

/** A real server of grpc.health.v1 that knows the services in `says`. */
const healthServer = async (says: Readonly<Record<string, string>>): Promise<Endpoint> => {
  const server = new Server();
  const definition = fromJSON(HEALTH.root.toJSON(), { enums: String })['grpc.health.v1.Health'];
  if (definition === undefined || 'format' in definition) throw new Error('the health service is not declared');
  server.addService(definition, {
    Check: ({ request }: { request: { service: string } }, answer: sendUnaryData<unknown>) => {
      const status = says[request.service];
      if (status === undefined) answer({ code: 5 });
      else answer(null, { status });
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return endpoint(`grpc://127.0.0.1:${port}`);
};

const grpcSend = (): Send => {
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000 });
  onTestFinished(() => transport.close());
  return transport.send;
};

/** States of an endpoint under real checks every 100 ms. */
const watched = (target: Endpoint, check: HealthCheck, send: Send) => {
  const { events, ...manual } = manualDependencies();
  const dependencies: LayerDependencies = { ...manual, clock: systemClock };
  const member = memberWith(peakEwma, (address) => circuitsOf(null, dependencies, address))(target, null);
  const settings = checkSettings({ intervalMs: 100, fall: 2, rise: 2 });
  const checks = activeChecks(
    { members: () => [member], check, settings, send, loads: { reset: () => {} } },
    dependencies,
  );
  onTestFinished(() => checks.stop());
  checks.start();
  return { member, events };
};

test('a REST endpoint goes down and comes back with its health path, below its base path', async () => {
  let status = 503;
  const paths = new Set<string | undefined>();
  await using backend = await rawBackend((request, response) => {
    paths.add(request.url);
    response.writeHead(status).end('plain words');
  });
  const check = { by: 'http', path: '/healthz' } as const;
  const { member, events } = watched(endpoint(`${backend.url}/base/`), check, transportWith().send);
  await expect.poll(() => member.checked).toBe('down');
  status = 200;
  await expect.poll(() => member.checked).toBe('up');
  expect(events).toMatchObject([{ to: 'down', reason: '2 checks in a row failed: answered 503' }, { to: 'up' }]);
  expect([...paths]).toEqual(['/base/healthz']);
});

test('a gRPC endpoint goes down and comes back with the status of its service', async () => {
  const says: Record<string, string> = { 'inventory.v1.Inventory': 'NOT_SERVING' };
  const target = await healthServer(says);
  const { member, events } = watched(target, { by: 'grpc', service: 'inventory.v1.Inventory' }, grpcSend());
  await expect.poll(() => member.checked).toBe('down');
  says['inventory.v1.Inventory'] = 'SERVING';
  await expect.poll(() => member.checked).toBe('up');
  expect(events).toMatchObject([{ to: 'down', reason: '2 checks in a row failed: health status: not-serving' }, {}]);
});

test('a gRPC check without a service concerns the server; an unknown service is down', async () => {
  const target = await healthServer({ '': 'SERVING' });
  const send = grpcSend();
  expect(await healthOf(target, { by: 'grpc' }, send, systemClock, PATIENT_CHECK)).toMatchObject({ status: 'up' });
  expect(await healthOf(target, { by: 'grpc', service: 'a.B' }, send, systemClock, PATIENT_CHECK)).toMatchObject({
    status: 'down',
    detail: 'health status: unknown',
  });
});

test('a gRPC server without the health service is up', async () => {
  await using server = await inventoryServer({});
  const found = await healthOf(server.endpoint, { by: 'grpc', service: 'a.B' }, grpcSend(), systemClock, PATIENT_CHECK);
  expect(found).toMatchObject({ status: 'up' });
});

test.each([
  [200, undefined, 'up'],
  [204, undefined, 'up'],
  [301, undefined, 'down'],
  [404, undefined, 'down'],
  [500, undefined, 'down'],
  [200, 204, 'down'],
  [404, 404, 'up'],
  [302, [200, 302], 'up'],
  [503, [200, 302], 'down'],
])('status %d with %j expected is %s', async (status, expectStatus, expected) => {
  await using backend = await rawBackend((_, response) => void response.writeHead(status).end());
  const check = { by: 'http', path: '/', expectStatus } as const;
  const found = await healthOf(endpoint(backend.url), check, transportWith().send, systemClock, PATIENT_CHECK);
  expect(found.status).toBe(expected);
  expect(found.detail).toBe(expected === 'up' ? undefined : `answered ${status}`);
});

test.each([
  ['http', { by: 'http', path: '/' }],
  ['grpc', { by: 'grpc' }],
] as const)('the detail of an endpoint that refuses connections says so (%s)', async (protocol, check) => {
  const closed = endpoint(`${protocol}://127.0.0.1:${await freePort()}`);
  const send = protocol === 'http' ? transportWith().send : grpcSend();
  expect(await healthOf(closed, check, send, systemClock, PATIENT_CHECK)).toMatchObject({
    status: 'down',
    detail: 'cannot connect (ECONNREFUSED)',
  });
});

test('an endpoint that does not answer in time is down, and its check is aborted', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  await using backend = await rawBackend((request) => void request.socket.once('close', leave));
  const check = { by: 'http', path: '/' } as const;
  const found = await healthOf(endpoint(backend.url), check, transportWith().send, systemClock, { timeoutMs: 2_000 });
  expect(found).toMatchObject({ status: 'down', detail: 'no answer within 2000 ms' });
  await left;
});

test('without a path an endpoint is up if it accepts a connection, at its resolved address', async () => {
  await using backend = await rawBackend(() => {});
  const { port } = new URL(backend.url);
  const connecting = { by: 'connecting' } as const;
  const resolved = endpoint(`http://backend.invalid:${port}`, { ip: '127.0.0.1' });
  expect(await healthOf(resolved, connecting, transportWith().send, systemClock, PATIENT_CHECK)).toMatchObject({
    status: 'up',
  });
  const closed = endpoint(`http://127.0.0.1:${await freePort()}`);
  expect(await healthOf(closed, connecting, transportWith().send, systemClock, PATIENT_CHECK)).toMatchObject({
    status: 'down',
    detail: 'ECONNREFUSED',
  });
});
