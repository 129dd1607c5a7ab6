import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as metrics from '../../src/telemetry/names.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { LEASE_MS, Lease } from '../../src/upstream/endpoints/registrations/lease.ts';
import { MAX_LEASES } from '../../src/upstream/endpoints/registrations/lease-store.ts';
import { waitOf } from '../../src/upstream/endpoints/sources/dns-source.ts';
import { FAILURE_CAUSES } from '../../src/upstream/endpoints/sources/failure-reason.ts';
import { followSource, MAX_ENDPOINTS } from '../../src/upstream/endpoints/sources/follow-source.ts';
import { AFTER_FAILURE_MS } from '../../src/upstream/endpoints/sources/poll-source.ts';
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

test('the table has every kind of entry, and its examples are valid', () => {
  const examples = rowsOf('Discovery', 'entry').map(([first = '']) => first.split(',')[0]?.replace('…', 'a') ?? '');
  const kinds = examples.map((example) => parseEndpoints(example, 'rest')[0]?.by);
  // The compiler requires all kinds here.
  const all: Readonly<Record<NonNullable<(typeof kinds)[number]>, true>> = {
    address: true,
    dns: true,
    srv: true,
    file: true,
    kubernetes: true,
    registered: true,
  };
  expect(kinds.toSorted()).toEqual(Object.keys(all).toSorted());
});

test('the table has every property of a registration, with its default and limits', () => {
  const rows = rowsOf('Registration', 'property');
  const names = rows.flatMap(([first = '']) => first.split(', '));
  expect(names.toSorted()).toEqual(Object.keys(Lease.shape).toSorted());
  const ttl = rows.find(([first]) => first === 'ttlMs');
  const count = (value: number) => value.toLocaleString('en-US');
  expect(ttl?.[1]).toBe(count(LEASE_MS.fallback));
  expect(ttl?.[2]).toContain(`${count(LEASE_MS.min)} to ${count(LEASE_MS.max)}`);
  expect(page).toContain(`the upstream has ${count(MAX_LEASES)} registrations`);
});

test('the times and bounds of DNS and of lists are those of the sources', () => {
  const rows = rowsOf('DNS', 'setting');
  const shown = (setting: string) => rows.find(([first]) => first === setting)?.[1];
  const seconds = (ms: number) => ms / 1_000;
  expect(shown('time to live')).toBe(
    `of the records, from ${seconds(waitOf(0))} to ${seconds(waitOf(Number.MAX_SAFE_INTEGER))} s`,
  );
  expect(shown('after a failure')).toBe(`${seconds(AFTER_FAILURE_MS)} s`);
  expect(page).toContain(`of more than ${MAX_ENDPOINTS.toLocaleString('en-US')} endpoints of one source`);
});
