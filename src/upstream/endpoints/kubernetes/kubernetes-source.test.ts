import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { KubernetesServer, type SliceSpec } from '../../../../test/support/backends/kubernetes-server.ts';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import type { UpstreamEvent } from '../../events.ts';
import type { Endpoint } from '../endpoint.ts';
import { parseEndpoints } from '../endpoint-list.ts';
import { followSource } from '../sources/follow-source.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import { kubernetesSource } from './kubernetes-source.ts';

const pods = (...ips: readonly string[]): SliceSpec['endpoints'] => ips.map((ip) => ({ addresses: [ip] }));

const following = async (entryText = 'k8s://shop/orders:http', protocol: 'rest' | 'grpc' = 'rest') => {
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'first\n');
  const server = new KubernetesServer('first');
  await server.listen();
  const [entry] = parseEndpoints(entryText, protocol);
  if (entry?.by !== 'kubernetes') throw new Error('no entry of Kubernetes');
  const clock = manualClock();
  const api = kubernetesApi({ url: server.url, tokenFile, caFile: join(folder, 'ca.crt') });
  const events: UpstreamEvent[] = [];
  const lists: (readonly Endpoint[])[] = [];
  const start = () =>
    followSource(kubernetesSource(entry, api, clock), {
      clock,
      report: (event) => events.push(event),
      onChange: (endpoints) => lists.push(endpoints),
    });
  return {
    server,
    tokenFile,
    clock,
    lists,
    start,
    ips: () => lists.at(-1)?.map(({ ip }) => ip) ?? [],
    outcomes: () => events.flatMap((event) => (event.is === 'discovery' ? [event.outcome] : [])),
    /** Advances the clock, so that the next attempt runs, until the condition holds. */
    until: (condition: () => boolean, stepMs = 100) =>
      vi.waitUntil(() => {
        if (condition()) return true;
        clock.advance(stepMs);
        return false;
      }, LONG_WAIT),
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
};

test('slices are listed, and each event of the watch changes the list', async () => {
  await using under = await following();
  const { server, start, ips, until } = under;
  server.put({ name: 'one', endpoints: pods('10.0.0.1', '10.0.0.2') });
  const followed = start();
  await followed.ready;
  expect(ips()).toEqual(['10.0.0.1', '10.0.0.2']);
  await until(() => server.watches === 1);
  server.put({ name: 'two', endpoints: pods('10.0.0.3') });
  await until(() => ips().length === 3);
  server.put({ name: 'one', endpoints: pods('10.0.0.2') });
  await until(() => ips().length === 2);
  expect(ips()).toEqual(['10.0.0.2', '10.0.0.3']);
  server.remove('two');
  await until(() => ips().length === 1);
  server.bookmark();
  server.put({ name: 'one', endpoints: [] });
  await until(() => ips().length === 0);
  expect(server.requests).toEqual(['list', 'watch 101']);
  followed.stop();
  await vi.waitUntil(() => server.watches === 0, LONG_WAIT);
  expect(under.clock.pending).toBe(0);
});

test('ready, serving and terminating endpoints are used as kube-proxy uses them', async () => {
  await using under = await following();
  const { server, start, ips, until } = under;
  const serving = { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } };
  const stopped = { addresses: ['10.0.0.3'], conditions: { ready: false, serving: false, terminating: true } };
  const starting = { addresses: ['10.0.0.4'], conditions: { ready: false, serving: false } };
  server.put({ name: 'one', endpoints: [...pods('10.0.0.1'), serving, stopped, starting] });
  const followed = start();
  await followed.ready;
  expect(ips()).toEqual(['10.0.0.1']);
  await until(() => server.watches === 1);
  server.put({ name: 'one', endpoints: [serving, stopped, starting] });
  await until(() => ips()[0] === '10.0.0.2');
  expect(ips()).toEqual(['10.0.0.2']);
  followed.stop();
});

test('an endpoint has the zone, the node, the hints and the port of its slice, and the name of the service', async () => {
  await using under = await following('k8s://shop/orders:grpc;max=9;labels=version:v2', 'grpc');
  under.server.put({
    name: 'one',
    ports: [
      { name: 'http', port: 8080 },
      { name: 'grpc', port: 9090, appProtocol: 'https' },
    ],
    endpoints: [{ addresses: ['10.0.0.1'], zone: 'eu-1a', nodeName: 'n1', hints: { forZones: [{ name: 'eu-1b' }] } }],
  });
  const followed = under.start();
  await followed.ready;
  expect(under.lists[0]).toMatchObject([
    {
      url: new URL('grpcs://orders.shop.svc:9090'),
      ip: '10.0.0.1',
      zone: 'eu-1a',
      max: 9,
      labels: { version: 'v2', node: 'n1', 'hint-zones': 'eu-1b' },
      source: 'k8s://shop/orders:grpc',
    },
  ]);
  followed.stop();
});

test.each(['end', 'destroy'] as const)(
  'a watch that is disconnected (%s) continues at its last version',
  async (how) => {
    await using under = await following();
    const { server, start, ips, until } = under;
    server.put({ name: 'one', endpoints: pods('10.0.0.1') });
    const followed = start();
    await until(() => server.watches === 1);
    server.bookmark();
    server.put({ name: 'one', endpoints: pods('10.0.0.2') });
    await until(() => ips()[0] === '10.0.0.2');
    server.disconnect(how);
    await until(() => server.watches === 0);
    server.put({ name: 'one', endpoints: pods('10.0.0.3') });
    await until(() => ips()[0] === '10.0.0.3', 1_000);
    expect(server.requests).toEqual(['list', 'watch 101', 'watch 103']);
    followed.stop();
  },
);

test.each(['status', 'event'] as const)('410 Gone as %s is followed by a new list', async (as) => {
  await using under = await following();
  const { server, start, ips, until, outcomes } = under;
  server.put({ name: 'one', endpoints: pods('10.0.0.1') });
  server.put({ name: 'two', endpoints: pods('10.0.0.2') });
  const followed = start();
  await until(() => server.watches === 1);
  server.disconnect('end');
  await until(() => server.watches === 0);
  server.remove('two');
  server.compact(as);
  await until(() => ips().length === 1, 1_000);
  await until(() => server.watches === 1, 1_000);
  expect(server.requests.filter((request) => request === 'list')).toHaveLength(2);
  expect(outcomes()).toEqual(['changed', 'changed']);
  followed.stop();
});

test('after 401 the token is read again, and meanwhile the last list stays', async () => {
  await using under = await following();
  const { server, start, ips, until, tokenFile } = under;
  server.put({ name: 'one', endpoints: pods('10.0.0.1') });
  const followed = start();
  await until(() => server.watches === 1);
  server.requireToken('second');
  server.disconnect('end');
  await until(() => followed.snapshot().failure !== null);
  expect(followed.snapshot()).toMatchObject({
    addresses: ['http://10.0.0.1:8080'],
    failure: 'the API server answered 401',
  });
  await writeFile(tokenFile, 'second');
  server.put({ name: 'one', endpoints: pods('10.0.0.2') });
  await until(() => ips()[0] === '10.0.0.2', 1_000);
  expect(followed.snapshot().failure).toBeNull();
  followed.stop();
});

test('an opened watch ends a failure although no endpoint has changed, and bookmarks confirm the list', async () => {
  await using under = await following();
  const { server, start, until, outcomes, clock } = under;
  server.put({ name: 'one', endpoints: pods('10.0.0.1') });
  const followed = start();
  await until(() => server.watches === 1);
  server.fail(503);
  server.disconnect('destroy');
  await until(() => followed.snapshot().failure !== null);
  server.fail(200);
  await until(() => server.watches === 1, 1_000);
  await until(() => followed.snapshot().failure === null);
  expect(outcomes()).toEqual(['changed', 'failed', 'recovered']);
  clock.advance(60_000);
  expect(followed.snapshot().answeredMsAgo).toBeGreaterThanOrEqual(60_000);
  server.bookmark();
  await until(() => (followed.snapshot().answeredMsAgo ?? 60_000) < 60_000, 0);
  followed.stop();
});

test('a failing API server is tried again with growing waits, and reported once', async () => {
  await using under = await following();
  const { server, start, clock, outcomes } = under;
  server.fail(503);
  const followed = start();
  await followed.ready;
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    await vi.waitUntil(() => clock.untilNext === waitMs, LONG_WAIT);
    const before = server.requests.length;
    clock.advance(waitMs - 1);
    expect(server.requests).toHaveLength(before);
    clock.advance(1);
    await vi.waitUntil(() => server.requests.length === before + 1, LONG_WAIT);
  }
  expect(outcomes()).toEqual(['failed']);
  followed.stop();
});
