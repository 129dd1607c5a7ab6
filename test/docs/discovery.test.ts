import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as metrics from '../../src/telemetry/names.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { FAILURE_CAUSES } from '../../src/upstream/endpoints/sources/failure-reason.ts';
import { followSource } from '../../src/upstream/endpoints/sources/follow-source.ts';
import { manualClock } from '../support/clock/manual-clock.ts';

const page = readFileSync(new URL('../../docs/discovery.md', import.meta.url), 'utf8');

/** Cells of the table under a heading whose first column has this title, without its marks. */
const rowsOf = (heading: string, title: string): readonly (readonly string[])[] => {
  const [, section = ''] = page.split(new RegExp(`^#+ ${heading}\n`, 'm'));
  const [own = ''] = section.split(/^#/m);
  const [, table = ''] = own.split(`| ${title} |`);
  const [, , ...lines] = (table.split('\n\n')[0] ?? '').split('\n');
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
};

const firstOf = (heading: string, title: string): readonly string[] =>
  rowsOf(heading, title).map(([first = '']) => first.replace(/ \(.*\)$/, ''));

test('the table has every option of an endpoint', () => {
  let message = '';
  try {
    parseEndpoints('http://a:1;none', 'rest');
  } catch (error) {
    message = String(error);
  }
  const listed = /\((?<list>.*) are\)/.exec(message)?.groups?.list?.split(', ') ?? [];
  expect(firstOf('Options of an entry', 'option').toSorted()).toEqual(listed.toSorted());
});

test('the table has every field of the state of a source', () => {
  const source = { name: 'file:/a', watch: () => () => {} };
  const followed = followSource(source, { clock: manualClock(), report: () => {}, onChange: () => {} });
  expect(firstOf('Reading the state', 'field').toSorted()).toEqual(Object.keys(followed.snapshot()).toSorted());
});

test('the table has every metric of sources', () => {
  const known = Object.entries(metrics).flatMap(([name, metric]) =>
    name.startsWith('METRIC_UPSTREAM_SOURCE_') && typeof metric === 'string' ? [metric.replaceAll('.', '_')] : [],
  );
  const listed = firstOf('Reading the state', 'metric').map((name) => name.replace(/_total$/, ''));
  expect(listed.toSorted()).toEqual(known.toSorted());
});

test('the table has every cause of a failure', () => {
  expect(firstOf('Reading the state', 'cause of a failure')).toEqual(FAILURE_CAUSES);
});
