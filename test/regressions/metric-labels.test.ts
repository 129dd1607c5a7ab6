import { setImmediate } from 'node:timers/promises';
import { defineBackend, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { reportUpstreams } from '../../src/app/report.ts';
import { connectAll } from '../../src/app/upstream-registry.ts';
import { silentLog } from '../../src/telemetry/log/log.ts';
import { startSdk } from '../../src/telemetry/sdk.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import { answerJson, rawBackend } from '../support/backends/raw-backend.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { startNode } from '../support/processes/processes.ts';

/** A module with an unlimited number of routes, because it builds its paths itself, and with many error codes. */
const MODULE = `
import { defineBackend, fail, rest } from 'tributary/backend';
import { z } from 'zod';
const text: string = 'type Query { thing(id: Int!): String fails(with: Int!): String }';
const codes = Array.from({ length: 300 }, (_, at) => ['THING_' + at, 'Failed.']);
export default defineBackend()({
  name: 'things',
  typeDefs: { text, file: import.meta.filename },
  errors: Object.fromEntries(codes),
  upstreams: { site: rest(), other: rest() },
  resolvers: {
    Query: {
      thing: async (_, { id }, { clients }) => {
        await clients.other.get('/one', { response: z.string() });
        return clients.site.get('/things/' + id, { response: z.string() });
      },
      fails: (_, args) => { throw fail('THING_' + args.with); },
    },
  },
});
`;

const METRICS_ONLY = {
  serviceName: 'test',
  collector: null,
  sampler: 'always_off',
  samplerRatio: 1,
  metrics: true,
} as const;

const labelsIn = (metrics: string, metric: string, label: string): readonly string[] => [
  ...new Set(
    metrics
      .split('\n')
      .filter((line) => line.startsWith(`${metric}{`))
      .flatMap((line) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? []),
  ),
];

/** Documents with this many aliased fields in total, rounded up to a multiple of 20. */
const aliased = (count: number, field: (at: number) => string): readonly string[] =>
  Array.from({ length: Math.ceil(count / 20) }, (_, page) => {
    const fields = Array.from({ length: 20 }, (_, at) => `f${at}: ${field(page * 20 + at)}`);
    return `{ ${fields.join(' ')} }`;
  });

test('unlimited operation names, routes and error codes become `other`, each with one warning, in a real process', async () => {
  await using backend = await rawBackend(answerJson('"x"'));
  const gateway = startNode('src/main.ts', [], {
    env: {
      ...{ SCHEMA_DIR: folderWith({ 'things/index.ts': MODULE }), HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0' },
      ...{ THINGS_SITE_ENDPOINTS: backend.url, THINGS_OTHER_ENDPOINTS: backend.url, LOG_LEVEL: 'warn' },
      CLIENT_RATE_LIMIT: 'off',
    },
  });
  onTestFinished(() => gateway.stop('SIGKILL').then(() => {}));
  const { groups } = await gateway.waitFor(/ready: (?<url>\S+) \(admin (?<admin>[^)]+)\)/);
  const runQuery = async (query: string) => {
    const body = JSON.stringify({ query });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(groups?.url ?? '', { method: 'POST', headers, body });
    await answer.text();
    expect(answer.status).toBe(200);
  };
  for (const query of [...aliased(300, (at) => `thing(id: ${at})`), ...aliased(300, (at) => `fails(with: ${at})`)])
    await runQuery(query);
  for (let at = 0; at < 300; at += 1) await runQuery(`query Name${at} { __typename }`);

  const metrics = await (await fetch(`${groups?.admin}/metrics`)).text();
  const routes = labelsIn(metrics, 'tributary_upstream_call_duration_count', 'tributary_route');
  expect(routes.filter((route) => route.startsWith('GET /things/'))).toHaveLength(99);
  expect(routes).toContain('other');
  // Routes of one upstream do not affect the limit of another.
  expect(routes).toContain('GET /one');
  expect(labelsIn(metrics, 'tributary_upstream_received_total', 'tributary_route').toSorted()).toEqual(
    routes.toSorted(),
  );
  const operations = labelsIn(metrics, 'tributary_operation_duration_count', 'graphql_operation_name');
  expect(operations).toHaveLength(100);
  expect(operations).toContain('other');
  const codes = labelsIn(metrics, 'tributary_errors_total', 'tributary_code');
  expect(codes).toHaveLength(200);
  expect(codes).toContain('other');
  // Calls with the label `other` are still counted.
  const others = /^tributary_upstream_call_duration_count\{[^}]*tributary_route="other"[^}]*\} (\d+)/m.exec(
    metrics,
  )?.[1];
  expect(others).toBe('201');

  const warnings = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('Too many values of a metric label'));
  expect(warnings.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'warn', label: 'tributary.route', upstream: 'things.site', max: 99 }),
    expect.objectContaining({ level: 'warn', label: 'tributary.code', max: 199 }),
    expect.objectContaining({ level: 'warn', label: 'graphql.operation.name', max: 99 }),
  ]);
});

test('an upstream with ever new addresses has a fixed number of series', async () => {
  const clock = manualClock();
  const telemetry = startSdk(METRICS_ONLY, clock, silentLog);
  onTestFinished(() => telemetry.shutdown());
  const { metrics } = telemetry;
  const module = defineBackend()({
    name: 'moving',
    typeDefs: { text: 'type Query { moving: Int }', file: import.meta.filename },
    upstreams: { site: rest() },
  });
  let resolved = 0;
  const upstreams = connectAll(
    [module],
    new Map([['MOVING_SITE_ENDPOINTS', parseEndpoints('dns+http://name', 'rest')]]),
    {
      clock,
      open: openSource({
        clock,
        resolve: async () => {
          resolved += 1;
          return { addresses: [`10.0.${resolved >> 8}.${resolved & 255}`], ttlMs: 1_000 };
        },
      }),
      report: reportUpstreams(metrics, silentLog),
    },
  );
  onTestFinished(() => upstreams.close());
  metrics.watchEndpoints(upstreams.endpoints);
  await upstreams.ready;
  const series = async () => ((await telemetry.scrape?.()) ?? '').split('\n').filter((line) => line.startsWith('trib'));
  const before = await series();
  expect(before.length).toBeGreaterThan(0);
  for (let change = 0; change < 1_000; change += 1) {
    clock.advance(1_000);
    await setImmediate();
  }
  expect(resolved).toBe(1_001);
  const after = await series();
  expect(after.map((line) => line.split(' ')[0])).toEqual(before.map((line) => line.split(' ')[0]));
  expect(after.join('\n')).not.toContain('10.0.');
});
