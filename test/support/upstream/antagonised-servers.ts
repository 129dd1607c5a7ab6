import { balance } from '../../../src/upstream/balance/layer.ts';
import type { Send } from '../../../src/upstream/call.ts';
import { EndpointLoads } from '../../../src/upstream/load/endpoint-loads.ts';
import { NO_OVERRIDES } from '../../../src/upstream/operations/active-overrides.ts';
import { type BalanceOptions, trafficSettings } from '../../../src/upstream/options.ts';
import { type ManualClock, manualClock } from '../clock/manual-clock.ts';
import { seeded } from '../random/seeded.ts';
import { memberAt } from './balanced.ts';
import { restCall } from './calls.ts';
import { SharedServer } from './shared-server.ts';

const PROBE_PATH = '/load';
/** Time of a probe on the network. */
const NETWORK_MS = 0.5;
const CORES = 4;
/** Mean work of a call, in core-milliseconds. */
const WORK_MS = 10;
/** Mean of a normal distribution of mean and deviation 1, with 0 for what is below 0. */
const MEAN_OF_CUT = 1.0833;
/** Mean time between two changes of the antagonists of a server. */
const CHANGE_MS = 2_000;
/** Mean share of the cores that antagonists leave: every other server has 20 to 90 %, the others 80 to 100 %. */
const MEAN_LEFT = (0.55 + 0.9) / 2;
const WARM_UP_MS = 3_000;

export interface AntagonisedLoad {
  readonly balance: BalanceOptions;
  readonly servers: number;
  /** Gateways that share the servers, each with its own balancer. */
  readonly gateways: number;
  /** Calls as a share of what all servers can carry on average. */
  readonly load: number;
  readonly forMs: number;
  readonly seed: number;
}

const flushed = async (): Promise<void> => {
  for (let turn = 0; turn < 16; turn++) await null;
};

/** Servers on a manual clock. Their capacity changes because other programs run on the same machines. */
class AntagonisedServers {
  readonly #clock: ManualClock;
  readonly #random: () => number;
  readonly #antagonists: () => number;
  readonly #servers: readonly SharedServer[];
  readonly #changes: number[];
  readonly #probes: { readonly at: number; readonly run: () => void }[] = [];
  probes = 0;

  constructor(clock: ManualClock, count: number, seed: number) {
    this.#clock = clock;
    this.#random = seeded(seed);
    this.#antagonists = seeded(seed + 77);
    this.#servers = Array.from({ length: count }, (_, index) => new SharedServer(this.#coresOf(index)));
    this.#changes = this.#servers.map(() => this.exponential(CHANGE_MS));
  }

  readonly send: Send = ({ endpoint, message }) => {
    const server = this.#servers[Number(endpoint?.url.hostname.slice(1))];
    if (server === undefined) throw new Error('no such server');
    if (message.protocol === 'grpc' || message.target !== PROBE_PATH)
      return server.begin(this.#drawnWork(), this.#clock.now());
    this.probes += 1;
    return new Promise((resolve) => {
      this.#probes.push({ at: this.#clock.now() + NETWORK_MS, run: () => resolve(server.answer()) });
    });
  };

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }

  /** Advances the clock from one event to the next. */
  async advanceTo(time: number): Promise<void> {
    for (;;) {
      const next = Math.min(this.#due(), time);
      this.#clock.advance(Math.max(0, next - this.#clock.now()));
      this.#happen(this.#clock.now());
      await flushed();
      if (next >= time) return;
    }
  }

  #due(): number {
    const dues = [this.#servers.map(({ due }) => due), this.#changes, this.#probes.map(({ at }) => at)];
    return Math.min(...dues.flat());
  }

  #happen(now: number): void {
    for (const [index, server] of this.#servers.entries()) {
      if (server.due <= now + 1e-9) server.finish(now);
      if ((this.#changes[index] ?? 0) > now) continue;
      server.setCores(this.#coresOf(index), now);
      this.#changes[index] = now + this.exponential(CHANGE_MS);
    }
    while ((this.#probes[0]?.at ?? Number.POSITIVE_INFINITY) <= now) this.#probes.shift()?.run();
  }

  #coresOf(index: number): number {
    const taken = index % 2 === 0 ? 0.1 + 0.7 * this.#antagonists() : 0.2 * this.#antagonists();
    return CORES * (1 - taken);
  }

  /** Prequal's work: a normal distribution with its mean as standard deviation, cut at 0. */
  #drawnWork(): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
    return Math.max(0.01, WORK_MS * (1 + normal)) / MEAN_OF_CUT;
  }
}

/** The balancer of each gateway, with its own state. */
const gatewaysOver = (servers: AntagonisedServers, clock: ManualClock, load: AntagonisedLoad): readonly Send[] => {
  const settings = trafficSettings({ balance: { probes: { path: PROBE_PATH }, ...load.balance } }).balance;
  return Array.from({ length: load.gateways }, (_, index) => {
    const random = seeded(load.seed * 100 + index);
    const dependencies = { clock, random, report: () => {}, overrides: NO_OVERRIDES };
    const members = { current: Array.from({ length: load.servers }, (__, at) => memberAt(`s${at}`)) };
    const own = { zone: '', region: '', connections: Number.POSITIVE_INFINITY };
    const loads = new EndpointLoads(settings, dependencies, { protocol: 'rest', send: servers.send });
    return balance(members, settings, dependencies, own, new Map(), loads)(servers.send);
  });
};

/** Latencies in milliseconds of calls at random times, through the balancers of several gateways. */
export const underAntagonists = async (load: AntagonisedLoad) => {
  const clock = manualClock();
  const servers = new AntagonisedServers(clock, load.servers, load.seed);
  const gateways = gatewaysOver(servers, clock, load);
  const chosen = seeded(load.seed + 5);
  const latencies: number[] = [];
  let pending = 0;
  let calls = 0;
  const make = async (send: Send): Promise<void> => {
    const at = clock.now();
    calls += 1;
    pending += 1;
    await send(restCall({ deadline: Number.POSITIVE_INFINITY }));
    pending -= 1;
    if (at >= WARM_UP_MS) latencies.push(clock.now() - at);
  };
  const everyMs = WORK_MS / (load.load * MEAN_LEFT * CORES * load.servers);
  for (let at = servers.exponential(everyMs); at < load.forMs; at += servers.exponential(everyMs)) {
    await servers.advanceTo(at);
    const send = gateways[Math.floor(chosen() * gateways.length)];
    if (send !== undefined) void make(send);
    await flushed();
  }
  while (pending > 0) await servers.advanceTo(clock.now() + 100);
  const sorted = latencies.toSorted((one, other) => one - other);
  const quantile = (part: number): number => sorted[Math.floor(part * sorted.length)] ?? 0;
  return { p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999), probesPerCall: servers.probes / calls };
};
