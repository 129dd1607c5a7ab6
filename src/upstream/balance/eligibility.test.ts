import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { balanced, heldCircuits, memberAt, reached, stands } from '../../../test/support/upstream/balanced.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { simulatedEndpoints } from '../../../test/support/upstream/simulated-endpoints.ts';
import type { Member } from '../endpoints/member.ts';
import type { BalanceOptions } from '../options.ts';

const ejected = (host: string, since: number) => memberAt(host, {}, stands('ejected', since));
const down = (host: string, options = {}) => Object.assign(memberAt(host, options), { checked: 'down' as const });

/** Hosts that receive any of 300 calls, each with true for panic. */
const used = async (
  members: readonly Member[],
  options: BalanceOptions & { readonly zone?: string; readonly region?: string } = {},
) => {
  const seen: Record<string, boolean> = {};
  const send = balanced(members, { policy: 'random', ...options }).through(async ({ endpoint, inPanic }) => {
    seen[endpoint?.url.host ?? ''] = inPanic === true;
    return answer();
  });
  for (let sent = 0; sent < 300; sent++) await send(restCall()).catch(() => {});
  return seen;
};

test('a draining, drained, down or ejected endpoint receives no calls', async () => {
  const members = [memberAt('a'), memberAt('b'), memberAt('c'), memberAt('d')];
  const out = [
    Object.assign(memberAt('left'), { draining: true }),
    memberAt('drained'),
    down('down'),
    ejected('open', 0),
  ];
  const over = balanced([...members, ...out], { overrides: { drained: (address) => address === 'http://drained' } });
  expect((await reached(over, 400, restCall())).slice(4)).toEqual([0, 0, 0, 0]);
});

test('calls of a drained endpoint go to others of its priority, not to the next one', async () => {
  const members = [memberAt('a'), memberAt('b'), memberAt('backup', { priority: 1 })];
  const over = balanced(members, { overrides: { drained: (address) => address === 'http://a' } });
  expect(await reached(over, 100, restCall())).toEqual([0, 100, 0]);
});

test('of three open circuits only the first to open stays ejected; the others are used, as in panic', async () => {
  expect(await used([ejected('a', 300), ejected('b', 100), ejected('c', 200)])).toEqual({ a: true, c: true });
});

test('the last endpoint that could answer is used although its circuit is open', async () => {
  const members = [memberAt('a', {}, stands('dead')), ejected('b', 0), memberAt('c', {}, stands('paused'))];
  expect(await used(members)).toEqual({ b: true });
  expect(await used([down('a'), ejected('b', 0), down('c')], { panicThreshold: 0 })).toEqual({ b: true });
});

test('the only endpoint is used while its circuit is open, whatever its checks report, but not once it is dead', async () => {
  expect(await used([ejected('a', 0)])).toEqual({ a: true });
  expect(await used([Object.assign(ejected('a', 0), { checked: 'down' as const })])).toEqual({ a: true });
  expect(await used([memberAt('a', {}, stands('dead'))])).toEqual({});
});

test('panic never uses a dead or paused endpoint', async () => {
  const members = [memberAt('a', {}, stands('dead')), memberAt('b', {}, stands('paused')), down('c'), down('d')];
  expect(await used(members)).toEqual({ c: true, d: true });
});

test('below the panic threshold all endpoints are used, also those that are down', async () => {
  expect(await used([memberAt('a'), down('b'), down('c')])).toEqual({ a: false, b: true, c: true });
  expect(await used([memberAt('a'), memberAt('b'), down('c')])).toEqual({ a: false, b: false });
});

test('without panic a single healthy endpoint receives every call', async () => {
  expect(await used([memberAt('a'), down('b'), down('c')], { panicThreshold: 0 })).toEqual({ a: false });
});

test('there is no panic while another priority can carry all calls', async () => {
  const members = [down('a'), down('b'), memberAt('backup', { priority: 2 })];
  expect(await used(members)).toEqual({ backup: false });
});

test('endpoints of the gateway’s own zone come first; other zones receive what these cannot carry', async () => {
  const members = () => [
    memberAt('a1', { zone: 'a' }),
    memberAt('a2', { zone: 'a' }),
    memberAt('b1', { zone: 'b' }),
    memberAt('nowhere'),
    memberAt('backup', { zone: 'a', priority: 1 }),
  ];
  expect(Object.keys(await used(members(), { zone: 'a' })).toSorted()).toEqual(['a1', 'a2']);
  expect(Object.keys(await used(members(), { zone: 'c' })).toSorted()).toEqual(['a1', 'a2', 'b1', 'nowhere']);
  expect(Object.keys(await used(members())).toSorted()).toEqual(['a1', 'a2', 'b1', 'nowhere']);
  const [local, ...rest] = members();
  if (local === undefined) throw new Error('unreachable');
  local.checked = 'down';
  expect(Object.keys(await used([local, ...rest], { zone: 'a' })).toSorted()).toEqual(['a2', 'b1', 'nowhere']);
});

test('endpoints of the gateway’s own zone come first, then those of its region, then all others', async () => {
  const at = (host: string, zone: string, region: string) => memberAt(host, { labels: { zone, region } });
  const members = [at('near', 'a', 'eu'), at('region', 'b', 'eu'), at('far', 'a', 'us'), memberAt('unknown')];
  const own = { zone: 'a', region: 'eu' };
  expect(Object.keys(await used(members, own))).toEqual(['near']);
  for (const member of members.slice(0, 1)) member.checked = 'down';
  expect(Object.keys(await used(members, own))).toEqual(['region']);
  for (const member of members.slice(1, 2)) member.checked = 'down';
  expect(Object.keys(await used(members, own)).toSorted()).toEqual(['far', 'unknown']);
});

test('an endpoint due for a probe receives the next call, whatever its latency, but no second attempt', async () => {
  const due = memberAt('probe', {}, stands('admitted', 0));
  due.latency.observe(1, { is: 'failure' }, 0);
  const members = [memberAt('a'), memberAt('b'), due];
  for (const member of members.slice(0, 2)) member.latency.observe(10, { is: 'success' }, 0);
  expect(await reached(balanced(members), 3, restCall())).toEqual([0, 0, 3]);
  const over = balanced(members);
  const visited = new Set(members.slice(0, 1).map(({ endpoint }) => endpoint));
  expect(await reached(over, 1, restCall({ visited, attempt: 2 }))).toEqual([0, 1, 0]);
});

test('a circuit held closed by an operator does not turn calls into probes', async () => {
  const members = [memberAt('a'), memberAt('b', {}, stands('admitted', 0))];
  const over = balanced(members, { overrides: { circuit: () => 'closed' } });
  const [a = 0, b = 0] = await reached(over, 1_000, restCall());
  expect(Math.abs(a - b)).toBeLessThan(150);
});

test('with all of three failing half of the time at most one is ejected, and no call is refused', async () => {
  const clock = manualClock();
  const random = seeded(7);
  const coin = () => ({ afterMs: 5, fails: random() < 0.5 ? ('UPSTREAM_ERROR' as const) : null });
  const simulation = simulatedEndpoints({ a: coin, b: coin, c: coin }, clock);
  // Opens after three failures in a row, closes after a success, without probes.
  const circuits = [heldCircuits(), heldCircuits(), heldCircuits()];
  const failures = [0, 0, 0];
  const members = circuits.map((held, index) => memberAt(['a', 'b', 'c'][index] ?? '', {}, held));
  const over = balanced(members, {}, clock);
  const through = over.through(async (call) => {
    const index = members.findIndex(({ endpoint }) => endpoint === call.endpoint);
    const held = circuits[index];
    if (held === undefined) throw new Error('unreachable');
    try {
      const got = await simulation.send(call);
      failures[index] = 0;
      Object.assign(held, { stands: 'admitted', since: null });
      return got;
    } catch (error) {
      failures[index] = (failures[index] ?? 0) + 1;
      if ((failures[index] ?? 0) >= 3) Object.assign(held, { stands: 'ejected', since: held.since ?? clock.now() });
      throw error;
    }
  });
  const ended = await simulation.run({ through, perSecond: 200, forMs: 30_000 });
  expect(ended.filter(({ host }) => host === null)).toEqual([]);
  for (let from = 0; from < 30_000; from += 1_000) {
    const hosts = new Set(ended.filter(({ at }) => at >= from && at < from + 1_000).map(({ host }) => host));
    expect(hosts.size).toBeGreaterThanOrEqual(2);
  }
});
