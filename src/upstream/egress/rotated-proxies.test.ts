import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { parseProxyList } from '../../config/egress/proxy-list.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { ProxyRegistry } from './proxy-registry.ts';
import { rotatedProxies } from './rotated-proxies.ts';

const clock = manualClock();

const proxiesNamed = (...names: readonly string[]): readonly EgressProxy[] => {
  const registry = new ProxyRegistry({ clock, random: () => 0.5 });
  registry.replace(parseProxyList(names.map((name) => `http://p:1;name=${name}`).join(',')));
  return registry.withLabels({})();
};

const firstOf = (proxies: readonly EgressProxy[]) => proxies[0]?.entry.name;
const SHOP = 'shop.things';
const NAMES = ['a', 'b', 'c', 'd'];

test('round-robin begins with each proxy in turn', () => {
  const proxies = proxiesNamed('a', 'b', 'c');
  const chosen = [0, 1, 2, 3, 4].map((turn) => firstOf(rotatedProxies('round-robin', proxies, { turn, caller: '' })));
  expect(chosen).toEqual(['a', 'b', 'c', 'a', 'b']);
});

test('least-used begins with the proxy with the fewest attempts in flight', () => {
  const proxies = proxiesNamed('a', 'b', 'c');
  const leases = [proxies[0], proxies[0], proxies[1]].map((proxy) => proxy?.begin(SHOP));
  expect(firstOf(rotatedProxies('least-used', proxies, { turn: 0, caller: '' }))).toBe('c');
  for (const lease of leases) lease?.end({ is: 'answered' });
  expect(rotatedProxies('least-used', proxies, { turn: 0, caller: '' }).map(({ entry }) => entry.name)).toEqual([
    'c',
    'b',
    'a',
  ]);
});

test('sticky keeps each caller to one proxy, whatever other callers do, and spreads callers', () => {
  const proxies = proxiesNamed(...NAMES);
  const chosen = new Map<string, Set<string | undefined>>();
  for (let turn = 0; turn < 4_000; turn += 1) {
    const caller = `caller ${turn % 400}`;
    const used = chosen.get(caller) ?? new Set();
    chosen.set(caller, used.add(firstOf(rotatedProxies('sticky', proxies, { turn, caller }))));
  }
  expect([...chosen.values()].every((used) => used.size === 1)).toBe(true);
  for (const name of NAMES) {
    const share = [...chosen.values()].filter((used) => used.has(name)).length / chosen.size;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
  }
});

test('a removed proxy moves only its own callers', () => {
  const [all, fewer] = [proxiesNamed(...NAMES), proxiesNamed('a', 'b', 'd')];
  for (let at = 0; at < 200; at += 1) {
    const caller = `caller ${at}`;
    const before = firstOf(rotatedProxies('sticky', all, { turn: 0, caller }));
    if (before !== 'c') expect(firstOf(rotatedProxies('sticky', fewer, { turn: 0, caller }))).toBe(before);
  }
});

test('the pause of a proxy grows with each rejection, to five minutes, and an answer ends that', () => {
  const [proxy] = proxiesNamed('a');
  if (proxy === undefined) throw new Error('there is one proxy');
  const pauses: number[] = [];
  for (let rejection = 0; rejection < 11; rejection += 1) {
    proxy.begin(SHOP).end({ is: 'refused', retryAfterMs: null, of: 'proxy' });
    pauses.push(proxy.waitMs(SHOP));
    clock.advance(proxy.waitMs(SHOP));
    expect(proxy.isUsableBy(SHOP)).toBe(true);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1_000));
  proxy.begin(SHOP).end({ is: 'answered' });
  proxy.begin(SHOP).end({ is: 'refused', retryAfterMs: null, of: 'proxy' });
  expect(proxy.waitMs(SHOP)).toBe(1_000);
});

test('rejections of attempts that were in flight together are one', () => {
  const [proxy] = proxiesNamed('a');
  const leases = Array.from({ length: 20 }, () => proxy?.begin(SHOP));
  for (const lease of leases) lease?.end({ is: 'refused', retryAfterMs: null, of: 'proxy' });
  expect(proxy?.waitMs(SHOP)).toBeLessThanOrEqual(2_000);
});

test('a rejection that may be that of a backend pauses the proxy for this upstream only, for a growing time', () => {
  const [proxy] = proxiesNamed('a');
  if (proxy === undefined) throw new Error('there is one proxy');
  const pauses: number[] = [];
  for (let rejection = 0; rejection < 4; rejection += 1) {
    proxy.begin(SHOP).end({ is: 'refused', retryAfterMs: null, of: 'upstream' });
    pauses.push(proxy.waitMs(SHOP));
    expect([proxy.isUsableBy(SHOP), proxy.isUsableBy('other.things')]).toEqual([false, true]);
    clock.advance(proxy.waitMs(SHOP));
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  proxy.begin(SHOP).end({ is: 'answered' });
  proxy.begin(SHOP).end({ is: 'refused', retryAfterMs: 30_000, of: 'upstream' });
  expect(proxy.waitMs(SHOP)).toBe(30_000);
  expect(proxy.status().state).toBe('up');
});
