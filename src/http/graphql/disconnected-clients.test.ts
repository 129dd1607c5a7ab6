import { expect, test, vi } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { exchange, post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import type { AccessEntry } from '../exchange/access-log.ts';

const HELLO = post(JSON.stringify({ query: '{ hello }' }));
const SLOW = post(JSON.stringify({ query: '{ slow }' }));

/** A listener with recorded metrics and access log entries. */
const watched = async () => {
  const entries: AccessEntry[] = [];
  const seen = { started: 0, statuses: [] as number[] };
  const metrics = {
    ...noTelemetry.metrics,
    requestStarted: () => {
      seen.started += 1;
    },
    requestEnded: ({ status }: { readonly status: number }) => void seen.statuses.push(status),
  };
  const rig = await publicRig({}, { telemetry: { ...noTelemetry, metrics }, access: (entry) => entries.push(entry) });
  return { rig, entries, seen };
};

test('a client that disconnects during execution is logged as 499 and no longer in flight', async () => {
  const { rig, entries, seen } = await watched();
  await using _ = rig;
  const client = await rawConnection(rig.port);
  client.send(SLOW);
  await rig.gateway.slowArrived();
  client.socket.destroy();
  await vi.waitUntil(() => entries.length > 0, LONG_WAIT);
  expect(entries).toMatchObject([{ status: 499, path: '/graphql', bytes: 0 }]);
  expect(seen).toEqual({ started: 1, statuses: [499] });
  expect(rig.errors).toEqual([]);
});

test('a client that disconnects while sending its body is logged as 499', async () => {
  const { rig, entries, seen } = await watched();
  await using _ = rig;
  const client = await rawConnection(rig.port);
  client.send(SLOW.slice(0, -5));
  await vi.waitUntil(() => seen.started === 1, LONG_WAIT);
  client.socket.destroy();
  await vi.waitUntil(() => entries.length > 0, LONG_WAIT);
  expect(entries).toMatchObject([{ status: 499 }]);
  expect(seen).toEqual({ started: 1, statuses: [499] });
});

test('a pipelined request that waits for its turn is not started after the connection is lost', async () => {
  const { rig, entries, seen } = await watched();
  await using _ = rig;
  const client = await rawConnection(rig.port);
  client.send(SLOW + SLOW);
  await vi.waitUntil(() => rig.gateway.slowRequests.length === 1, LONG_WAIT);
  client.socket.destroy();
  await vi.waitUntil(() => entries.length === 1, LONG_WAIT);
  expect((await exchange(rig.port, HELLO)).answer?.status).toBe(200);
  await vi.waitUntil(() => entries.length === 2, LONG_WAIT);
  expect(seen).toEqual({ started: 2, statuses: [499, 200] });
});

test('a completed request is logged once, with the bytes sent', async () => {
  const { rig, entries, seen } = await watched();
  await using _ = rig;
  const client = await rawConnection(rig.port);
  client.send(post(JSON.stringify({ query: '{ hello }' }), { connection: 'close' }));
  const [answer] = await client.answers(1);
  await client.closed();
  await vi.waitUntil(() => entries.length > 0, LONG_WAIT);
  expect(entries).toMatchObject([{ status: 200, bytes: Number(answer?.headers['content-length']) }]);
  expect(seen).toEqual({ started: 1, statuses: [200] });
});
