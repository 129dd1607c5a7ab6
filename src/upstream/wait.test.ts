import { expect, onTestFinished, test } from 'vitest';
import { rawBackend } from '../../test/support/backends/raw-backend.ts';
import { callOf, inventoryServer } from '../../test/support/grpc/grpc-server.ts';
import { restCall } from '../../test/support/upstream/calls.ts';
import { manualDependencies, scriptedSend, settled } from '../../test/support/upstream/scripted-send.ts';
import { systemClock } from '../core/clock.ts';
import { untraced } from '../telemetry/open-trace.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import { bulkhead } from './bulkhead/layer.ts';
import { endpointAt } from './endpoints/endpoint.ts';
import { grpcTransport } from './grpc/transport.ts';
import { trafficSettings } from './options.ts';
import { restTransport } from './rest/transport.ts';

const causesIn = ({ record }: RequestTrace) => Object.keys(record.waits ?? {}).toSorted();

test('the wait for other calls is recorded, and no wait of a call that is sent immediately', async () => {
  const dependencies = manualDependencies();
  const { send, at } = scriptedSend();
  const queued = bulkhead(trafficSettings({ limits: { inFlight: 1 } }).limits, dependencies).layer(send);
  const [first, second] = [untraced(), untraced()];
  void queued(restCall({ request: first }));
  void queued(restCall({ request: second }));
  await settled();
  dependencies.clock.advance(30);
  at(0).reply({});
  await settled();
  expect([first.record.waits, second.record.waits]).toEqual([null, { queue: 30 }]);
});

test('a call that leaves the queue has waited until then', async () => {
  const dependencies = manualDependencies();
  const queued = bulkhead(trafficSettings({ limits: { inFlight: 1 } }).limits, dependencies).layer(scriptedSend().send);
  const request = untraced();
  const caller = new AbortController();
  void queued(restCall());
  const left = queued(restCall({ request, signal: caller.signal })).catch(() => {});
  dependencies.clock.advance(20);
  caller.abort(new Error('gone'));
  await left;
  expect(request.record.waits).toEqual({ queue: 20 });
});

test.each([
  ['127.0.0.1', ['connect']],
  ['localhost', ['connect', 'resolve']],
])('over REST to %s, the first call waits for %j, the second for nothing', async (host, causes) => {
  const backend = await rawBackend((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('1'),
  );
  const transport = restTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 10_000 });
  onTestFinished(async () => {
    await transport.close();
    await backend[Symbol.asyncDispose]();
  });
  const endpoint = endpointAt(backend.url.replace('127.0.0.1', host));
  const [first, second] = [untraced(), untraced()];
  const deadline = systemClock.now() + 60_000;
  for (const request of [first, second]) {
    await transport.send(restCall({ endpoint, request, deadline }));
    // undici frees the connection after the answer.
    await settled();
  }
  expect([causesIn(first), causesIn(second)]).toEqual([causes, []]);
});

test('over gRPC, the first call waits for the connection, the second for nothing', async () => {
  await using server = await inventoryServer({
    BatchGetStock: (_call: unknown, reply: (error: null, answer: object) => void) => reply(null, { stocks: [] }),
  });
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 10_000 });
  const [first, second] = [untraced(), untraced()];
  const deadline = systemClock.now() + 60_000;
  for (const request of [first, second])
    await transport.send(callOf(server.endpoint, 'batchGetStock', { productIds: [] }, { request, deadline }));
  expect([causesIn(first), causesIn(second)]).toEqual([['connect'], []]);
  await transport.close();
});
