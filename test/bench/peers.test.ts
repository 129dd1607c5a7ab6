import { expect, test } from 'vitest';
import { routeSection, routesReached, tlsReached } from '../../bench/report/peers.ts';
import { isKept } from '../../bench/report/verdicts.ts';

const COSTS = [
  { name: 'HAProxy', cpuUsByRound: [20, 20] },
  { name: 'HAProxy with a log', cpuUsByRound: [25, 25] },
  { name: 'Tributary', cpuUsByRound: [40, 40] },
  { name: 'Tributary with a log', cpuUsByRound: [75, 75] },
];

test('a route with a log is compared with the proxy with a log, by CPU', () => {
  const reached = routesReached(COSTS, 2.5);
  expect(reached.map((one) => [one.what, one.ratio.median, isKept(one)])).toEqual([
    ['a route of 10 KiB: HAProxy', 2, true],
    ['a route of 10 KiB with a log: HAProxy with a log', 3, false],
  ]);
});

test('the table has the requests a second of a route that follow from its CPU', () => {
  expect(routeSection(COSTS)).toContain('40.0 |            25,000 |         0.50');
});

test('TLS is compared by the CPU of the same round', () => {
  const round = (ours: number, its: number) => ({ ours: { rate: 1, cpuUs: ours }, its: { rate: 2, cpuUs: its } });
  const costs = [{ title: 'handshakes', unit: 'a second', rounds: [round(30, 20), round(300, 200), round(3, 2)] }];
  expect(tlsReached(costs, () => 1.75).map((one) => [one.what, one.ratio.median, isKept(one)])).toEqual([
    ['handshakes: NGINX', 1.5, true],
  ]);
});
