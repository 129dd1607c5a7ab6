import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Send } from '../../src/upstream/call.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { kubernetesApi } from '../../src/upstream/endpoints/kubernetes/kubernetes-api.ts';
import { memoryLeases } from '../../src/upstream/endpoints/registrations/memory-leases.ts';
import { openRegistrations } from '../../src/upstream/endpoints/registrations/registrations.ts';
import { dnsResolver } from '../../src/upstream/endpoints/sources/dns-resolver.ts';
import { type OpenSource, openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import { srvResolver } from '../../src/upstream/endpoints/sources/srv-resolver.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { noDnsmasq, startDnsmasq } from '../support/backends/dnsmasq.ts';
import { KubernetesServer } from '../support/backends/kubernetes-server.ts';
import { type ManualClock, manualClock } from '../support/clock/manual-clock.ts';
import { portOf } from '../support/processes/ports.ts';
import { restCall } from '../support/upstream/calls.ts';

const CHANGES = 1_000;
const CALLERS = 8;
const WAIT = { timeout: 120_000, interval: 1 };
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

/** Two of three addresses: each change keeps one, removes one and adds one. */
const listAt = (at: number): readonly string[] => [0, 1].map((step) => ADDRESSES[(at + step) % ADDRESSES.length] ?? '');

/** A source with a list that a test changes. */
interface ChangingSource extends AsyncDisposable {
  readonly entry: string;
  readonly open: OpenSource;
  /** Publishes `listAt(at)`. */
  change(at: number): Promise<void>;
}

type StartSource = (port: number, clock: ManualClock) => Promise<ChangingSource>;

const byFile: StartSource = async (port, clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
  const path = join(folder, 'orders.json');
  const change = async (at: number) => {
    await writeFile(`${path}.new`, JSON.stringify(listAt(at).map((ip) => `http://${ip}:${port}`)));
    await rename(`${path}.new`, path);
  };
  await change(0);
  return {
    entry: `file:${path}`,
    open: openSource({ clock }),
    change,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

const bySrv: StartSource = async (port, clock) => {
  const recordsAt = (at: number) =>
    listAt(at).flatMap((ip) => [
      `--srv-host=_orders._tcp.internal,t${ADDRESSES.indexOf(ip)}.internal,${port}`,
      `--host-record=t${ADDRESSES.indexOf(ip)}.internal,${ip}`,
    ]);
  const servers = await Promise.all(ADDRESSES.map((_, at) => startDnsmasq(recordsAt(at), 1)));
  let current = 0;
  const address = () => servers[current % servers.length]?.address ?? '';
  return {
    entry: 'srv+http://_orders._tcp.internal',
    open: openSource({
      clock,
      resolveSrv: (name) => srvResolver({ servers: [address()], timeoutMs: 10_000 })(name),
      resolve: (name) => dnsResolver({ servers: [address()], timeoutMs: 10_000 })(name),
    }),
    change: async (at) => {
      current = at;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
};

const byKubernetes: StartSource = async (port, clock) => {
  const server = new KubernetesServer('token');
  await server.listen();
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'token');
  const kubernetes = kubernetesApi({ url: server.url, tokenFile, caFile: tokenFile });
  const change = async (at: number) => {
    const endpoints = listAt(at).map((ip) => ({ addresses: [ip] }));
    server.put({ name: 'one', ports: [{ name: 'http', port }], endpoints });
    // Every tenth change finds a lost watch.
    if (at % 10 === 0) server.disconnect('destroy');
  };
  await change(0);
  return {
    entry: 'k8s://shop/orders:http',
    open: openSource({ clock, kubernetes }),
    change,
    [Symbol.asyncDispose]: async () => {
      await kubernetes.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
};

const byRegistration: StartSource = async (port, clock) => {
  const registrations = openRegistrations({ store: memoryLeases(clock), clock, networks: ['127.0.0.0/8'] });
  const addressOf = (ip: string) => `http://${ip}:${port}`;
  return {
    entry: 'registered:',
    open: openSource({ clock, registrations }),
    change: async (at) => {
      const list = listAt(at);
      for (const ip of list)
        await registrations.register('orders.orders', ip, { address: addressOf(ip), ttlMs: 300_000 });
      for (const ip of ADDRESSES)
        if (!list.includes(ip)) await registrations.leave('orders.orders', ip, { address: addressOf(ip) });
    },
    [Symbol.asyncDispose]: async () => {},
  };
};

/** Servers on one port of each address. */
const backends = async () => {
  await using started = new AsyncDisposableStack();
  let port = 0;
  for (const address of ADDRESSES) {
    const server = createServer((_request, response) => void setImmediate(() => response.end('"well"')));
    await once(server.listen(port, address), 'listening');
    port = portOf(server);
    started.defer(async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    });
  }
  const all = started.move();
  return { port, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

/** Sends calls from 8 callers, each as soon as its last one was answered, until `stop`. */
const startLoad = (send: Send) => {
  const outcomes = { ok: 0, failures: [] as unknown[] };
  let stopped = false;
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const call = restCall({ idempotent: false, deadline: systemClock.now() + 120_000 });
      await send(call).then(
        () => {
          outcomes.ok += 1;
        },
        (error: unknown) => outcomes.failures.push(error),
      );
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  return {
    outcomes,
    stop: async () => {
      stopped = true;
      await callers;
    },
  };
};

const underLoad = async (start: StartSource): Promise<void> => {
  await using servers = await backends();
  const clock = manualClock();
  await using source = await start(servers.port, clock);
  const upstream = connectUpstream(
    {
      name: 'orders.orders',
      protocol: 'rest',
      check: { by: 'connecting' },
      sources: parseEndpoints(source.entry, 'rest'),
      // Retries would hide failures that a change causes.
      traffic: { timeoutMs: 100_000, retry: false },
    },
    {
      clock: systemClock,
      open: source.open,
      connectTimeoutMs: 100_000,
    },
  );
  await upstream.ready;
  /** Publishes a list, and waits until it is in use. */
  const change = async (at: number) => {
    await source.change(at);
    const expected = listAt(at).map((ip) => `http://${ip}:${servers.port}`);
    await vi.waitUntil(() => {
      clock.advance(1_000);
      const used = upstream.status().endpoints.filter(({ state }) => state !== 'draining');
      return used.length === expected.length && used.every(({ address }) => expected.includes(address));
    }, WAIT);
  };
  await change(0);
  const load = startLoad(upstream.send);
  for (let at = 1; at <= CHANGES; at += 1) await change(at);
  await load.stop();
  expect(load.outcomes.failures).toEqual([]);
  expect(load.outcomes.ok).toBeGreaterThan(CHANGES);
  await upstream.close();
};

test('a file that is replaced 1,000 times under load costs no call', () => underLoad(byFile));

test('EndpointSlices that change 1,000 times under load, some with a lost watch, cost no call', () =>
  underLoad(byKubernetes));

test('registrations that change 1,000 times under load cost no call', () => underLoad(byRegistration));

test.skipIf(noDnsmasq !== null)('SRV records that change 1,000 times under load cost no call', () => underLoad(bySrv));
