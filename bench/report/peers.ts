import { bootstrap, median, ratios } from '../harness/statistics.ts';
import { GATEWAY, HAPROXY, type RouteCost, WITH_LOG } from '../routes/route-costs.ts';
import type { TlsCost } from '../tls/tls-costs.ts';
import { table } from './table.ts';
import type { Reached } from './verdicts.ts';

const cpuOf = (costs: readonly RouteCost[], name: string): readonly number[] =>
  costs.find((cost) => cost.name === name)?.cpuUsByRound ?? [];

/** A route of 10 KiB next to HAProxy. Requests a second follow from the CPU of a request. */
export const routeSection = (costs: readonly RouteCost[]): string => {
  const base = cpuOf(costs, HAPROXY);
  return [
    '## A route of 10 KiB, one core each',
    '',
    table(
      ['', 'CPU µs a request', 'requests a second', 'of HAProxy’s'],
      costs.map(({ name, cpuUsByRound }) => [
        name,
        median(cpuUsByRound).toFixed(1),
        Math.round(1_000_000 / median(cpuUsByRound)).toLocaleString('en'),
        median(ratios(base, cpuUsByRound)).toFixed(2),
      ]),
    ),
  ].join('\n');
};

/** The verdicts of a route, with and without the access log. */
export const routesReached = (costs: readonly RouteCost[], most: number): readonly Reached[] =>
  ['', WITH_LOG].map((log) => ({
    what: `a route of 10 KiB${log}: ${HAPROXY}${log}`,
    ratio: bootstrap(ratios(cpuOf(costs, GATEWAY + log), cpuOf(costs, HAPROXY + log))),
    most,
  }));

/** TLS next to NGINX. */
export const tlsSection = (costs: readonly TlsCost[]): string =>
  [
    '## TLS, one core each',
    '',
    table(
      ['', 'gateway', 'NGINX', 'ours / its', 'CPU µs, gateway', 'CPU µs, NGINX'],
      costs.map(({ title, unit, rounds }) => {
        const of = (value: (round: TlsCost['rounds'][number]) => number) => median(rounds.map(value));
        return [
          `${title}, ${unit}`,
          of(({ ours }) => ours.rate).toFixed(0),
          of(({ its }) => its.rate).toFixed(0),
          of(({ ours, its }) => ours.rate / its.rate).toFixed(2),
          of(({ ours }) => ours.cpuUs).toFixed(0),
          of(({ its }) => its.cpuUs).toFixed(0),
        ];
      }),
    ),
  ].join('\n');

/** The verdicts of TLS. `mostOf` is by title. */
export const tlsReached = (costs: readonly TlsCost[], mostOf: (title: string) => number): readonly Reached[] =>
  costs.map(({ title, rounds }) => ({
    what: `${title}: NGINX`,
    ratio: bootstrap(rounds.map(({ ours, its }) => ours.cpuUs / its.cpuUs)),
    most: mostOf(title),
  }));
