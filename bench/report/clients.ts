import type { Contender } from '../harness/contenders.ts';
import type { Result } from '../harness/measure.ts';
import { median } from '../harness/statistics.ts';
import { compressionUs, ratioApart, withBrowser } from '../harness/variants.ts';
import { table } from './table.ts';

/** A server and its variants: with other clients, from the fewest headers to the most work. */
export interface Family {
  readonly server: Contender;
  readonly variants: readonly Contender[];
}

const rowsOf = (result: Result, { server, variants }: Family): readonly (readonly string[])[] =>
  [server, ...variants].map((contender) => {
    const cpuUs = result.measured.find((one) => one.contender.name === contender.name)?.cpuUs ?? Number.NaN;
    const beside = (other: Contender): string => ratioApart(result, contender, other).median.toFixed(2);
    return [
      contender.title,
      cpuUs.toFixed(0),
      contender.client?.coding ? median(compressionUs(result, contender)).toFixed(0) : '',
      beside(server),
      contender === server ? '' : beside(withBrowser(server)),
    ];
  });

/** Cost of the headers of real clients. */
export const clientsSection = (result: Result, families: readonly Family[]): string =>
  [
    `## ${result.workload.title}: clients`,
    '',
    table(
      ['', 'CPU µs', 'compression alone', 'apart / bare', 'apart / browser'],
      families.flatMap((family) => rowsOf(result, family)),
    ),
    '',
    'The ratios are those of the CPU without the compression alone, to the same server with bare requests, and with a',
    "browser's headers, no token and no compression.",
  ].join('\n');
