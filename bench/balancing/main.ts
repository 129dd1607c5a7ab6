/**
 * Compares balancing policies over real processes: `node scripts/launch.js bench/balancing/main.ts [load] [seconds]`.
 *
 * Backends are processes with a changing capacity; several gateways in this process share them, over HTTP and all layers
 * of an upstream. Calls arrive at random times, whatever the answers. Prints one line for each policy, in turns.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import type { BalanceOptions } from '../../src/upstream/options.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { seeded } from '../../test/support/random/seeded.ts';
import { restCall } from '../../test/support/upstream/calls.ts';
import { MEAN_SLOTS, PROBE_PATH, SERVICE_MS } from './rig.ts';

const BACKENDS = 6;
const GATEWAYS = 6;
const WARM_UP_MS = 3_000;
const load = Number(process.argv[2] ?? 0.9);
const seconds = Number(process.argv[3] ?? 20);

const POLICIES: readonly BalanceOptions[] = [
  { policy: 'round-robin' },
  { policy: 'peak-ewma' },
  { policy: 'probing', probes: { path: PROBE_PATH, perCall: 1 } },
  { policy: 'probing', probes: { path: PROBE_PATH, perCall: 3 } },
];

const startBackend = async (seed: number) => {
  const child = fork(join(import.meta.dirname, 'backend.ts'), [String(seed)], { execArgv: process.execArgv });
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
};

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

const measured = async (balance: BalanceOptions) => {
  const backends = await Promise.all(Array.from({ length: BACKENDS }, (_, index) => startBackend(index + 1)));
  const sources = parseEndpoints(backends.map(({ url }) => url).join(','), 'rest');
  const upstreams = Array.from({ length: GATEWAYS }, (_, index) =>
    connectUpstream(
      {
        name: `shop.things${index}`,
        protocol: 'rest',
        sources,
        traffic: { balance, timeoutMs: 60_000, retry: false, limits: { inFlight: 100_000, connections: 10_000 } },
        check: { by: 'connecting' },
      },
      { clock: systemClock },
    ),
  );
  const random = seeded(7);
  const everyMs = SERVICE_MS / (load * MEAN_SLOTS * BACKENDS);
  const latencies: number[] = [];
  const pending = new Set<Promise<void>>();
  const start = performance.now();
  const cpu = process.cpuUsage();
  for (let at = 0, index = 0; at < seconds * 1_000; at -= everyMs * Math.log(1 - random()), index++) {
    const due = start + at;
    if (due > performance.now()) await pause(due - performance.now());
    const upstream = upstreams[Math.floor(random() * GATEWAYS)];
    const call = restCall({ deadline: Number.POSITIVE_INFINITY }, { target: `/things/${index}` });
    const ended = upstream?.send(call).then(
      () => void (at >= WARM_UP_MS && latencies.push(performance.now() - due)),
      () => void latencies.push(Number.POSITIVE_INFINITY),
    );
    if (ended !== undefined) pending.add(ended);
  }
  await Promise.all(pending);
  const { user, system } = process.cpuUsage(cpu);
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  for (const backend of backends) backend.stop();
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (part: number): string => (sorted[Math.floor(part * sorted.length)] ?? 0).toFixed(0);
  const cpuMs = ((user + system) / 1_000 / pending.size).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, ${pending.size} calls, ${cpuMs} ms of CPU a call in this process`;
};

for (const balance of POLICIES) {
  const probes = balance.probes === undefined ? '' : `, ${balance.probes.perCall} a call`;
  console.log(`${balance.policy}${probes}: ${await measured(balance)}`);
}
