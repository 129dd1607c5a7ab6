import { setImmediate } from 'node:timers/promises';
import { defineBackend, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { connectAll } from '../../src/app/upstream-registry.ts';
import { silentLog } from '../../src/telemetry/log/log.ts';
import { startSdk } from '../../src/telemetry/sdk.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import { manualClock } from '../support/clock/manual-clock.ts';

const METRICS_ONLY = {
  serviceName: 'test',
  collector: null,
  sampler: 'always_off',
  samplerRatio: 1,
  metrics: true,
} as const;

const failureWith = (code: string): Error => Object.assign(new Error(code), { code });

/** An upstream with a fixed address and a DNS name, whose resolution `answer` replaces. */
const started = async () => {
  const clock = manualClock();
  const telemetry = startSdk(METRICS_ONLY, clock, silentLog);
  onTestFinished(() => telemetry.shutdown());
  const module = defineBackend()({
    name: 'orders',
    typeDefs: { text: 'type Query { orders: Int }', file: import.meta.filename },
    upstreams: { store: rest() },
  });
  let answer: readonly string[] | Error = ['10.0.0.2', '10.0.0.3'];
  const upstreams = connectAll(
    [module],
    new Map([
      ['ORDERS_STORE_ENDPOINTS', parseEndpoints('http://10.0.0.1:8080,dns+http://orders.internal:8080', 'rest')],
    ]),
    {
      clock,
      open: openSource({
        clock,
        resolve: async () => {
          if (answer instanceof Error) throw answer;
          return { addresses: answer, ttlMs: 1_000 };
        },
      }),
    },
  );
  onTestFinished(() => upstreams.close());
  telemetry.metrics.watchEndpoints(upstreams.endpoints);
  telemetry.metrics.watchSources(upstreams.sources);
  await upstreams.ready;
  return {
    status: () => JSON.parse(JSON.stringify(upstreams.status())).upstreams['orders.store'].discovery,
    /** Values of a metric of this upstream by its remaining labels. */
    metric: async (name: string): Promise<Readonly<Record<string, number>>> => {
      const text = (await telemetry.scrape?.()) ?? '';
      const lines = [...text.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\S+)`, 'gm'))];
      const labelsOf = (labels: string) =>
        [...labels.matchAll(/tributary_(source|state|reason)="([^"]*)"/g)].map(([, , value]) => value).join(' ');
      return Object.fromEntries(lines.map(([, labels = '', value]) => [labelsOf(labels), Number(value)]));
    },
    /** Each second one resolution, which has this result. */
    seconds: async (count: number, result: readonly string[] | Error) => {
      answer = result;
      for (let at = 0; at < count; at += 1) {
        clock.advance(1_000);
        await setImmediate();
      }
    },
  };
};

const SOURCE = 'dns+http://orders.internal:8080';

test('a source that dies is seen in its metrics and in the status: up, age, failures by cause, changes, endpoints', async () => {
  const { metric, seconds, status } = await started();
  await seconds(3, ['10.0.0.2', '10.0.0.3']);
  expect(await metric('tributary_upstream_source_up')).toEqual({ [SOURCE]: 1 });
  expect(await metric('tributary_upstream_source_age')).toEqual({ [SOURCE]: 0 });
  expect(await metric('tributary_upstream_source_changes_total')).toEqual({ [SOURCE]: 1 });
  expect(await metric('tributary_upstream_source_failures_total')).toEqual({});

  await seconds(3, failureWith('ETIMEOUT'));
  await seconds(4, failureWith('ESERVFAIL'));
  expect(await metric('tributary_upstream_source_up')).toEqual({ [SOURCE]: 0 });
  expect(await metric('tributary_upstream_source_age')).toEqual({ [SOURCE]: 7 });
  expect(await metric('tributary_upstream_source_failures_total')).toEqual({
    [`${SOURCE} timeout`]: 3,
    [`${SOURCE} server`]: 4,
  });
  expect(await metric('tributary_upstream_source_endpoints')).toMatchObject({ [`${SOURCE} up`]: 2, 'list up': 1 });
  expect(await metric('tributary_upstream_endpoints')).toMatchObject({ up: 3, draining: 0 });
  expect(status()).toEqual([
    {
      source: SOURCE,
      addresses: ['http://10.0.0.2:8080', 'http://10.0.0.3:8080'],
      answeredMsAgo: 7_000,
      failure: 'ESERVFAIL',
      failures: { timeout: 3, server: 4 },
      changes: 1,
    },
  ]);

  await seconds(1, ['10.0.0.3']);
  expect(await metric('tributary_upstream_source_up')).toEqual({ [SOURCE]: 1 });
  expect(await metric('tributary_upstream_source_age')).toEqual({ [SOURCE]: 0 });
  expect(await metric('tributary_upstream_source_changes_total')).toEqual({ [SOURCE]: 2 });
  expect(await metric('tributary_upstream_source_endpoints')).toMatchObject({ [`${SOURCE} up`]: 1 });
});

test('an answer without addresses is a failure with the cause absent, and keeps the last list', async () => {
  const { metric, seconds } = await started();
  await seconds(2, []);
  expect(await metric('tributary_upstream_source_endpoints')).toMatchObject({ [`${SOURCE} up`]: 2 });
  expect(await metric('tributary_upstream_source_failures_total')).toEqual({ [`${SOURCE} absent`]: 2 });
});
