import { balance } from '../../../src/upstream/balance/layer.ts';
import type { Send } from '../../../src/upstream/call.ts';
import type { Admission, Circuits } from '../../../src/upstream/circuit/circuit.ts';
import type { Endpoint } from '../../../src/upstream/endpoints/endpoint.ts';
import { type Member, memberWith } from '../../../src/upstream/endpoints/member.ts';
import { peakEwma } from '../../../src/upstream/endpoints/peak-ewma.ts';
import type { LayerDependencies, UpstreamEvent } from '../../../src/upstream/events.ts';
import { type ActiveOverrides, NO_OVERRIDES } from '../../../src/upstream/operations/active-overrides.ts';
import { type BalanceOptions, trafficSettings } from '../../../src/upstream/options.ts';
import { type ManualClock, manualClock } from '../clock/manual-clock.ts';
import { seeded } from '../random/seeded.ts';
import { endpoint } from './calls.ts';

/** A circuit in a fixed state. */
export interface HeldCircuits extends Circuits {
  stands: Admission;
  since: number | null;
}

export const heldCircuits = (): HeldCircuits => {
  const circuits: HeldCircuits = {
    stands: 'admitted',
    since: null,
    admission: () => circuits.stands,
    isOpen: () => circuits.since !== null,
    openSince: () => circuits.since,
    begin: () => ({ end: () => {} }),
    reset: () => {},
    snapshot: () => [],
  };
  return circuits;
};

/** A member, by default at `http://<host>` and admitted. */
export const memberAt = (host: string, options: Partial<Endpoint> = {}, circuits: Circuits = heldCircuits()): Member =>
  memberWith(peakEwma, () => circuits)(endpoint(`http://${host}`, options), null);

/** Opens a member's circuit from the balancer's point of view. */
export const stands = (stands: Admission, since: number | null = 0): Circuits =>
  Object.assign(heldCircuits(), { stands, since });

export interface Balanced {
  readonly clock: ManualClock;
  readonly events: UpstreamEvent[];
  /** The list itself, so that a test can replace it. */
  readonly members: { current: readonly Member[] };
  through(send: Send): Send;
}

/** The layer over these members, with a stopped clock and a fixed sequence of random numbers. */
export const balanced = (
  current: readonly Member[],
  options: BalanceOptions & {
    readonly zone?: string;
    readonly region?: string;
    readonly connections?: number;
    readonly position?: number;
    readonly overrides?: Partial<ActiveOverrides>;
    readonly seed?: number;
  } = {},
  clock: ManualClock = manualClock(),
): Balanced => {
  const {
    zone = '',
    region = '',
    connections = Number.POSITIVE_INFINITY,
    position,
    overrides = {},
    seed = 1,
    ...balanceOptions
  } = options;
  const events: UpstreamEvent[] = [];
  const dependencies: LayerDependencies = {
    clock,
    random: seeded(seed),
    report: (event) => events.push(event),
    overrides: { ...NO_OVERRIDES, ...overrides },
  };
  const members = { current };
  const layer = balance(members, trafficSettings({ balance: balanceOptions }).balance, dependencies, {
    zone,
    region,
    connections,
    position,
  });
  return { clock, events, members, through: (send) => layer(send) };
};

/** Number of sequential calls that reach each host, in the order of the members. */
export const reached = async (over: Balanced, count: number, call: Parameters<Send>[0]): Promise<readonly number[]> => {
  const counts = new Map<string, number>();
  const send = over.through(async ({ endpoint: chosen }) => {
    const host = chosen?.url.host ?? 'nowhere';
    counts.set(host, (counts.get(host) ?? 0) + 1);
    return { status: 200, headers: {}, size: 0, value: undefined };
  });
  for (let sent = 0; sent < count; sent++) await send(call);
  return over.members.current.map(({ endpoint: one }) => counts.get(one.url.host) ?? 0);
};
