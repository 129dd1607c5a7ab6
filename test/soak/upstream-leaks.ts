// Makes many calls to servers with random answers, and checks that nothing of them stays behind: `node
// test/soak/upstream-leaks.ts [calls] [--seed n]`. Exits with 1 for a leak.

import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Clock } from '../../src/core/clock.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { checkSettings } from '../../src/upstream/options.ts';
import { connectUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import { startNode } from '../support/processes/processes.ts';
import { seeded } from '../support/random/seeded.ts';
import { countingClock } from './counting-clock.ts';
import { heldByAll, total } from './held.ts';
import { callSome, type Outcomes, type Protocol } from './random-calls.ts';

const CALLERS = 40;
const REPLACEMENTS = 20;
const POOL = { rest: 12, grpc: 2 } as const;
const MAX_REST_MS = 60_000;

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const calls = Number(positionals[0] ?? 100_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const random = seeded(seed);
console.log(`${calls} calls, seed ${seed}`);

const servers = startNode('test/soak/faulty-servers.ts', ['--seed', String(seed)]);
const [, ports = ''] = await servers.waitFor(/ready: ([\d ]+)/);
const [controlPort = 0, ...serverPorts] = ports.split(' ').map(Number);

const resources = (): string => {
  const counts = Object.entries(Object.groupBy(process.getActiveResourcesInfo(), (name) => name));
  return counts
    .map(([name, list]) => `${list?.length} ${name}`)
    .sort()
    .join(', ');
};

const sourcesOf = (protocol: Protocol, count: number) => {
  const own = protocol === 'rest' ? serverPorts.slice(0, 3) : serverPorts.slice(3);
  const scheme = protocol === 'rest' ? 'http' : 'grpc';
  return parseEndpoints(
    own
      .slice(0, count)
      .map((port) => `${scheme}://127.0.0.1:${port}`)
      .join(),
    protocol,
  );
};

const seen = new Map<string, number>();

const connect = (protocol: Protocol, clock: Clock): Upstream => {
  const common = {
    name: `soak.${protocol}`,
    sources: sourcesOf(protocol, 3),
    traffic: {
      timeoutMs: 60,
      circuit: { openMs: 100, maxOpenMs: 400 },
      retry: { budgetRatio: 0.3 },
      hedge: { percentile: 0.7, minDelayMs: 3 },
      limits: {
        connections: POOL[protocol],
        inFlight: 24,
        pending: 12,
        callsPerConnection: 500,
        connectionAgeMs: 2_000,
      },
    },
    checks: checkSettings({ intervalMs: 200, timeoutMs: 100 }),
  };
  const settings =
    protocol === 'rest'
      ? { ...common, protocol, check: { by: 'http', path: '/health' } as const }
      : { ...common, protocol, check: { by: 'grpc' } as const };
  return connectUpstream(settings, {
    clock,
    random,
    report: (event) => {
      const what =
        event.is === 'circuit' ? `circuit ${event.to}` : event.is === 'refusal' ? `refused: ${event.reason}` : event.is;
      seen.set(what, (seen.get(what) ?? 0) + 1);
    },
  });
};

const failed: string[] = [];
const row = (what: string, found: unknown, allowed: string, isRight: boolean): void => {
  if (!isRight) failed.push(what);
  console.log(`${isRight ? 'ok' : 'NO'} ${what.padEnd(58)} ${String(found).padEnd(24)} ${allowed}`);
};

const PROTOCOLS = ['rest', 'grpc'] as const;
const { clock, pending } = countingClock();
const staying = new AbortController().signal;
const outcomes: Outcomes = { calls: new Map(), suspects: [] };

const resourcesBefore = resources();
const upstreams = { rest: connect('rest', clock), grpc: connect('grpc', clock) };
const timersBefore = pending();
const options = { sends: { rest: upstreams.rest.send, grpc: upstreams.grpc.send }, clock, random, staying, outcomes };

let left = calls;
let made = 0;
const caller = async (): Promise<void> => {
  while (left > 0) {
    const share = Math.min(left, 4);
    left -= share;
    const number = await callSome(options, share);
    left += share - number;
    made += number;
  }
};

/** During the calls, an endpoint is added and removed repeatedly. */
const replacing = async (): Promise<void> => {
  for (let turn = 1; turn < REPLACEMENTS; turn += 1) {
    while (made < (turn * calls) / REPLACEMENTS) await sleep(5);
    for (const protocol of PROTOCOLS) upstreams[protocol].replace(sourcesOf(protocol, turn % 2 === 1 ? 2 : 3));
  }
};

const began = performance.now();
await Promise.all([replacing(), ...Array.from({ length: CALLERS }, caller)]);
const tookMs = performance.now() - began;
for (const protocol of PROTOCOLS) upstreams[protocol].replace(sourcesOf(protocol, 3));

const statuses = () => PROTOCOLS.map((protocol) => upstreams[protocol].status());
const inFlight = () => statuses().reduce((sum, { calls: of }) => sum + of.inFlight + of.waiting, 0);
const atEndpoints = () =>
  statuses()
    .flatMap(({ endpoints }) => endpoints)
    .reduce((sum, { inFlight }) => sum + inFlight, 0);
const leaving = () =>
  statuses()
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ state }) => state === 'draining').length;
const listening = () => outcomes.suspects.filter((signal) => getEventListeners(signal, 'abort').length > 0).length;

/** One line of the result: a figure, what is allowed, and whether it is. */
type Row = readonly [what: string, found: unknown, allowed: string, isRight: boolean];

const none = (what: string, count: number): Row => [what, count, '0', count === 0];

/** Everything that is held while nothing is called, at one moment. */
const atRest = async (): Promise<readonly Row[]> => {
  const held = await heldByAll(controlPort);
  const timers = timersBefore + 2 * total(held, 'sockets', ['grpc']);
  return [
    none('at rest: calls in flight or waiting', inFlight()),
    none('at rest: attempts in flight at endpoints', atEndpoints()),
    none('at rest: endpoints that have left and are still there', leaving()),
    none('at rest: requests open at the servers', total(held, 'requests', PROTOCOLS)),
    none('at rest: listeners on a signal that many calls had', getEventListeners(staying, 'abort').length),
    none('at rest: signals of a few calls with listeners', listening()),
    ['at rest: timers', pending(), `${timersBefore} of checks, 2 a gRPC connection: ${timers}`, pending() <= timers],
    ...PROTOCOLS.map((protocol): Row => {
      const sockets = held[protocol].map((one) => one.sockets);
      const most = held[protocol].map((one) => one.mostSockets).join(' ');
      const isRight = sockets.every((number) => number <= POOL[protocol]);
      return [
        `at rest: connections to each ${protocol} server`,
        sockets.join(' '),
        `${POOL[protocol]} (most: ${most})`,
        isRight,
      ];
    }),
  ];
};

/** Everything that is held after the close. */
const closed = async (): Promise<readonly Row[]> => [
  none('closed: connections at the servers', total(await heldByAll(controlPort), 'sockets', PROTOCOLS)),
  none('closed: timers', pending()),
  ['closed: what keeps the process alive', resources(), resourcesBefore, resources() === resourcesBefore],
];

/** Prints the rows once all are right, at the latest after a minute: resources are released a moment after their calls. */
const settled = async (look: () => Promise<readonly Row[]>): Promise<void> => {
  const until = performance.now() + MAX_REST_MS;
  let rows = await look();
  while (rows.some(([, , , isRight]) => !isRight) && performance.now() < until) {
    await sleep(20);
    rows = await look();
  }
  for (const found of rows) row(...found);
};

console.log(
  `${made} calls in ${(tookMs / 1_000).toFixed(1)} s: ${[...outcomes.calls].map(([what, number]) => `${number} ${what}`).join(', ')}`,
);
console.log(`what happened: ${[...seen].map(([what, number]) => `${number} ${what}`).join(', ')}`);
await settled(atRest);
await Promise.all(PROTOCOLS.map((protocol) => upstreams[protocol].close()));
await settled(closed);
// A run without these events proves nothing.
for (const what of ['retry', 'hedge', 'circuit open', 'refused: pending', 'endpoint'])
  row(`happened: ${what}`, seen.get(what) ?? 0, 'more than 0', (seen.get(what) ?? 0) > 0);
for (const what of ['ok', 'TIMEOUT', 'left', 'UPSTREAM_ERROR', 'UPSTREAM_BAD_RESPONSE', 'SERVICE_UNAVAILABLE'])
  row(
    `happened: calls that ended as ${what}`,
    outcomes.calls.get(what) ?? 0,
    'more than 0',
    (outcomes.calls.get(what) ?? 0) > 0,
  );

await servers.stop();
console.log(failed.length === 0 ? 'nothing stays behind' : `not so: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
