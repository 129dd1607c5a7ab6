import type { FaultPromise, Finding } from './promises/promise.ts';
import type { ProtocolName } from './protocols.ts';

export interface Row {
  readonly promise: FaultPromise;
  readonly cells: ReadonlyMap<ProtocolName, Finding>;
  readonly seconds: number;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '/');

const cell = (finding: Finding | undefined): string =>
  finding === undefined ? '' : `**${finding.verdict}**: ${oneLine(finding.figure)}`;

/** Returns the table of promises by protocol, in Markdown. */
export const table = (rows: readonly Row[], protocols: readonly ProtocolName[]): string => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['promise', ...protocols, 's'];
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(({ promise, cells, seconds }) =>
      line([
        `\`${promise.id}\`: ${promise.promises}`,
        ...protocols.map((protocol) => cell(cells.get(protocol))),
        String(Math.round(seconds)),
      ]),
    ),
  ].join('\n');
};
