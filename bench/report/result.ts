import { tributary } from '../harness/contenders.ts';
import { type Measured, type Result, ratioOf } from '../harness/measure.ts';
import { percent, table } from './table.ts';

/** From here on it is the load that is measured, and not the server. */
const BUSY = 0.8;

const HEAD = ['', 'CPU µs', 'ours / its', 'a second', 'p50 ms', 'p99 ms', 'MiB', 'calls', 'load core'];

const row = (result: Result, { contender, cpuUs, perSecond, upstream, load, latency }: Measured): readonly string[] => {
  const ratio = ratioOf(result, tributary, contender);
  return [
    contender.title,
    cpuUs.toFixed(0),
    ratio === null ? '' : ratio.median.toFixed(2),
    perSecond.toFixed(0),
    latency.p50.toFixed(1),
    latency.p99.toFixed(1),
    latency.rssMib.toFixed(0),
    upstream.toFixed(2),
    `${percent(load)}${load > BUSY ? ' !' : ''}`,
  ];
};

const roundsNote = ({ rounds, discarded, busy }: Result): string =>
  busy
    ? `More than half of the ${rounds.length} rounds were disturbed by other programs or the host: all are in, and the figures are not to be relied on.`
    : `${rounds.length} rounds; ${discarded} more were disturbed and left out.`;

/** One workload as a section: a row for each contender. */
export const section = (result: Result): string =>
  [
    `## ${result.workload.title}`,
    '',
    table(
      HEAD,
      result.measured.map((measured) => row(result, measured)),
    ),
    '',
    roundsNote(result),
  ].join('\n');
