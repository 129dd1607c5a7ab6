import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodesOf } from '../../src/backend/define/error-codes.ts';
import {
  GRAPHQL_OPTIONS,
  GRPC_OPTIONS,
  grpc,
  REST_OPTIONS,
  type RestOptions,
  rest,
} from '../../src/backend/define/upstream-options.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import * as names from '../../src/telemetry/names.ts';
import { STATUS_CODES, statusError } from '../../src/upstream/grpc/status.ts';
import { optionsOf } from '../../src/upstream/option-kinds.ts';
import { checkSettings, trafficSettings } from '../../src/upstream/options.ts';
import { answered, type Outcome, outcomeOf } from '../../src/upstream/outcome.ts';
import { problemError } from '../../src/upstream/rest/problem-details.ts';
import { transportError } from '../../src/upstream/rest/transport-errors.ts';
import { isRetryable } from '../../src/upstream/retry/is-retryable.ts';
import { restCall } from '../support/upstream/calls.ts';

const page = readFileSync(new URL('../../docs/traffic.md', import.meta.url), 'utf8');

/** Rows of the tables under a heading, up to the next heading of any level. */
const rowsUnder = (heading: string): readonly (readonly string[])[] => {
  const [, section = ''] = page.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [own = ''] = section.split(/^#/m);
  const lines = own.split('\n');
  return lines
    .filter((line, at) => /^\| [`a-z]/.test(line) && !lines[at + 1]?.startsWith('|---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

const plain = (cell: string): string => cell.replaceAll('`', '');

const OPTION_TABLES = [
  'Options',
  '`balance`',
  '`balance.probes`',
  '`balance.reports`',
  '`circuit`',
  '`retry`',
  '`hedge`',
  '`throttle`',
  '`limits`',
  '`health`',
];
const options = new Map(
  OPTION_TABLES.flatMap((heading) => rowsUnder(heading)).map(([name = '', fallback = '']) => [
    plain(name),
    plain(fallback),
  ]),
);

/**
 * Names of all options of a group, such as `retry.attempts`; includes the name of the group itself if it is an option.
 */
const namesIn = (group: Parameters<typeof optionsOf>[0], path = ''): readonly string[] =>
  Object.entries(optionsOf(group) ?? {}).flatMap(([name, option]) =>
    optionsOf(option) === null
      ? [path + name]
      : [...(path === '' ? [] : [path + name]), ...namesIn(option, `${path}${name}.`)],
  );

/** Options that another page describes: the identity of the caller, that of the gateway, rows, routes, and TLS. */
const OTHERS = /^(?:forward|auth|rows|routing|tls|egress|quota)\./;

test('the option tables have every option exactly once', () => {
  const names = [...namesIn(REST_OPTIONS), ...namesIn(GRAPHQL_OPTIONS), ...namesIn(GRPC_OPTIONS)];
  // `egress` is the only group with a default of its own.
  const all = new Set(['egress', ...names.filter((name) => !OTHERS.test(name))]);
  expect([...options.keys()].toSorted()).toEqual([...all].toSorted());
  const rows = OPTION_TABLES.flatMap((heading) => rowsUnder(heading));
  expect(rows.length).toBe(options.size);
});

const written = (value: unknown): string => {
  if (Array.isArray(value)) return `${value.slice(0, 4).join(', ')}; ${value.slice(4).join(', ')}`;
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : String(value);
};

/** Defaults by the path of their option. Options without a default are not listed. */
const defaultsIn = (settings: object, path = ''): readonly (readonly [path: string, value: string])[] =>
  Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? defaultsIn(value, `${path}${name}.`)
      : value === null
        ? []
        : [[path + name, written(value)] as const],
  );

const { limits, ...traffic } = trafficSettings({ hedge: true, limits: { adaptive: true } });
const { maxUrlLength } = REST_OPTIONS.parse({});
const { maxConcurrency, ...adaptive } = limits.adaptive ?? {};

test.each(defaultsIn({ ...traffic, limits: { ...limits, adaptive }, health: checkSettings({}), maxUrlLength }))(
  'the default of %s is %s',
  (name, value) => {
    expect(options.get(name)).toBe(value);
  },
);

test('options without a default have a text in its place', () => {
  expect(maxConcurrency).toBe(limits.inFlight);
  expect(options.get('limits.adaptive.maxConcurrency')).toBe('limits.inFlight');
  expect(trafficSettings().limits.adaptive).toBeNull();
  expect(options.get('limits.adaptive')).toBe('off');
});

const STATUSES = new Set(trafficSettings().retry?.statuses);
const read = restCall();
const write = restCall({ idempotent: false });
const again = (call: typeof read, error: unknown) => (isRetryable(call, error, STATUSES) ? 'yes' : 'no');

const GOOD = ['', answered().is, 'no'];
const effectsOf = (error: UpstreamError, isIdentified = false) => [
  error.code,
  outcomeOf(error, { isIdentified }).is,
  again(read, error),
];

/** Upstream options for the label of a row: with `forward.identity`, with any other `forward`, or without. */
const forwardIn = (label: string): Pick<RestOptions, 'forward'> => {
  if (label.endsWith('forward.identity')) return { forward: { identity: 'token' } };
  return label.endsWith('forward') ? { forward: { client: true } } : {};
};
const isIdentified = (label: string): boolean => forwardIn(label).forward !== undefined;

const isStatus = (name: string): name is keyof typeof STATUS_CODES => name in STATUS_CODES;
const STATUS_NAMES = Object.keys(STATUS_CODES).filter(isStatus);

const restStatus = (label: string): readonly string[] => {
  if (label === '2xx') return GOOD;
  const headers: Record<string, string> = label.endsWith('Retry-After') ? { 'retry-after': '3' } : {};
  const answer = { status: Number(label.slice(0, 3)), headers, size: 0, value: undefined };
  return effectsOf(problemError(read, answer, errorCodesOf(rest(forwardIn(label)))), isIdentified(label));
};

const grpcStatus = (label: string): readonly string[] => {
  const [name = ''] = label.split(' ');
  if (name === 'OK') return GOOD;
  const status = STATUS_NAMES.find((known) => known === name);
  if (status === undefined) throw new Error(`unknown status ${name}`);
  const headers: Record<string, string> = label.endsWith('Retry-After') ? { 'grpc-retry-pushback-ms': '3000' } : {};
  const definition = grpc({ proto: './things.proto', service: 'things.v1.Things', ...forwardIn(label) });
  const codes = { ...STATUS_CODES, ...errorCodesOf(definition) };
  return effectsOf(statusError(read, status, '', headers, codes), isIdentified(label));
};

test.each(rowsUnder('REST').map((row) => [plain(row[0] ?? ''), row]))(
  'REST: the row of %s matches the behaviour',
  (label, row) => {
    expect(row.slice(1).map(plain)).toEqual(restStatus(label));
  },
);

test('every REST status that differs from its class has a row', () => {
  const rows = new Set(rowsUnder('REST').map(([label = '']) => plain(label)));
  const unnamed = Array.from({ length: 300 }, (_, at) => 300 + at).filter((status) => !rows.has(String(status)));
  const STANDS_FOR: Readonly<Record<number, string>> = { 3: '301', 4: '418', 5: '501' };
  const unlike = unnamed.filter(
    (status) => restStatus(String(status)).join() !== restStatus(STANDS_FOR[Math.floor(status / 100)] ?? '').join(),
  );
  expect(unlike).toEqual([]);
});

test.each(rowsUnder('gRPC').map((row) => [plain(row[0] ?? ''), row]))(
  'gRPC: the row of %s matches the behaviour',
  (label, row) => {
    expect(row.slice(1).map(plain)).toEqual(grpcStatus(label));
  },
);

test('every gRPC status has a row', () => {
  const rows = rowsUnder('gRPC').map(([label = '']) => plain(label));
  expect(rows.filter((label) => !label.includes(' '))).toEqual(
    expect.arrayContaining(['OK', ...Object.keys(STATUS_CODES)]),
  );
});

test.each(['401', '403', '429'])('%s has a row with forward and one without', (status) => {
  const rows = rowsUnder('REST').map(([label = '']) => plain(label));
  expect(rows.filter((label) => label.startsWith(status))).toHaveLength(2);
});

test('the table of outcomes has every outcome exactly once', () => {
  const all = { success: '', error: '', failure: '', throttled: '', quota: '', ignored: '' } satisfies Record<
    Outcome['is'],
    string
  >;
  expect(rowsUnder('Circuits').map(([name]) => name)).toEqual(Object.keys(all));
});

const failure = (code: UpstreamError['code'], status?: number) => new UpstreamError(code, read, '', { status });
const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

const UNSENT = { started: false, wasIdle: false, answered: false };

const WITHOUT_STATUS: Readonly<Record<string, Error>> = {
  'no connection': transportError(read, lost, UNSENT),
  'connection lost': transportError(read, lost, { ...UNSENT, started: true }),
  'idle connection lost before a response': transportError(read, lost, {
    started: true,
    wasIdle: true,
    answered: false,
  }),
  'timeout of the attempt': failure('TIMEOUT'),
  'unreadable response': failure('UPSTREAM_BAD_RESPONSE'),
  'response too large': failure('UPSTREAM_RESPONSE_TOO_LARGE', 200),
  'bug of the gateway': transportError(read, Object.assign(new Error('no'), { code: 'UND_ERR_INVALID_ARG' }), UNSENT),
};

test('the rows of failures without a status match the behaviour', () => {
  const expected = Object.entries(WITHOUT_STATUS).map(([label, error]) => {
    if (!(error instanceof UpstreamError)) throw error;
    return [label, ...effectsOf(error), again(write, error)];
  });
  expect(rowsUnder('Without a status').map((row) => row.map(plain))).toEqual(expected);
});

test('a write is not retried after any status', () => {
  const errors = STATUS_NAMES.map((name) => statusError(write, name, ''));
  const statuses = Array.from({ length: 300 }, (_, at) =>
    problemError(write, { status: 300 + at, headers: {}, size: 0, value: undefined }),
  );
  expect([...errors, ...statuses].filter((error) => again(write, error) === 'yes')).toEqual([]);
});

test('the page has every metric of upstreams by its Prometheus name', () => {
  const upstreams = Object.entries(names).flatMap(([name, metric]) =>
    name.startsWith('METRIC_UPSTREAM_') && typeof metric === 'string' ? [metric.replaceAll('.', '_')] : [],
  );
  const listed = rowsUnder('Monitoring').map(([name = '']) => plain(name).replace(/_total$/, ''));
  // Described in telemetry.md.
  const elsewhere = ['tributary_upstream_calls_active', 'tributary_upstream_received'];
  expect([...listed, ...elsewhere].toSorted()).toEqual(upstreams.toSorted());
});
