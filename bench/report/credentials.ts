import { AS_MESSAGE } from '../harness/child-result.ts';
import type { CredentialCost } from '../harness/credential-costs.ts';
import { bootstrap, median, quantile } from '../harness/statistics.ts';
import { table } from './table.ts';
import type { Reached } from './verdicts.ts';

/** CPU of authenticating one request, by its credential. */
export const credentialSection = (costs: readonly CredentialCost[]): string =>
  [
    '## Authentication of one request',
    '',
    table(
      ['', 'CPU µs', 'half of the rounds'],
      costs.map(({ name, cpuUsByRound }) => [
        name,
        median(cpuUsByRound).toFixed(1),
        `${quantile(cpuUsByRound, 0.25).toFixed(1)}-${quantile(cpuUsByRound, 0.75).toFixed(1)}`,
      ]),
    ),
  ].join('\n');

/** The verdicts of credentials with a promise. `mostUsOf` returns it in microseconds by name; null for none. */
export const credentialsReached = (
  costs: readonly CredentialCost[],
  mostUsOf: (name: string) => number | null,
): readonly Reached[] =>
  costs.flatMap(({ name, cpuUsByRound }) => {
    const mostUs = mostUsOf(name);
    if (mostUs === null) return [];
    return [{ what: `${name}: ${mostUs} µs`, ratio: bootstrap(cpuUsByRound.map((us) => us / mostUs)), most: 1 }];
  });

/** Sends costs to `childResult`, or prints them in a program that was started by hand. */
export const reportCosts = (costs: readonly CredentialCost[]): void => {
  if (process.argv.includes(AS_MESSAGE)) process.send?.(costs);
  else console.log(credentialSection(costs));
};
