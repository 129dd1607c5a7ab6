import { once } from 'node:events';
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector } from '../../test/support/backends/collector.ts';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import type { SamplerName } from '../config/telemetry.ts';
import { systemClock } from '../core/clock.ts';
import { silentLog } from './log/log.ts';
import { METRIC_OPERATION_DURATION } from './names.ts';
import { requestTrace } from './open-trace.ts';
import { samplerOf, startSdk } from './sdk.ts';
import { telemetrySettings } from './settings.ts';
import { extractTrace } from './trace-context.ts';

const heapInUse = (): number => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
};

const SETTINGS = telemetrySettings({
  OTEL_SDK_DISABLED: 'false',
  OTEL_SERVICE_NAME: 'test',
  OTEL_EXPORTER_OTLP_ENDPOINT: null,
  OTEL_TRACES_SAMPLER: 'parentbased_always_on',
  OTEL_TRACES_SAMPLER_ARG: 1,
  OTEL_METRICS_EXPORTER: 'prometheus',
});

test('settings: the collector’s address is a base; disabled means neither traces nor metrics', () => {
  const given = {
    OTEL_SDK_DISABLED: 'false',
    OTEL_SERVICE_NAME: 'test',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_TRACES_SAMPLER_ARG: 1,
    OTEL_METRICS_EXPORTER: 'prometheus',
  } as const;
  expect(telemetrySettings(given)).toMatchObject({ collector: 'http://collector:4318', metrics: true });
  expect(telemetrySettings({ ...given, OTEL_SDK_DISABLED: 'true' })).toMatchObject({ collector: null, metrics: false });
});

test('10,000 random operation names make at most 200 series', async () => {
  const telemetry = startSdk(SETTINGS, systemClock, silentLog);
  onTestFinished(() => telemetry.shutdown());
  for (let n = 0; n < 10_000; n += 1)
    telemetry.metrics.operationEnded({ name: `Name${n}`, failed: n % 2 === 0, durationMs: 1 });
  telemetry.metrics.operationEnded({ name: null, failed: false, durationMs: 1 });
  const lines = ((await telemetry.scrape?.()) ?? '')
    .split('\n')
    .filter((line) => line.includes('graphql_operation_name'));
  const series = new Set(
    lines.map((line) =>
      line
        .replace(/_(bucket|sum|count)\{/, '{')
        .replace(/,?le="[^"]*"/, '')
        .replace(/ \S+$/, ''),
    ),
  );
  expect(series.size).toBeGreaterThan(100);
  expect(series.size).toBeLessThanOrEqual(200);
  const other = lines.find((line) => /operation_duration_count\{.*="other"/.test(line));
  expect(other?.split(' ').at(-1)).toBe(String(10_000 - 99 + 1));
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const parent = (sampled: boolean, trusted: boolean) =>
  extractTrace({ traceparent: `00-${TRACE}-b7ad6b7169203331-0${sampled ? 1 : 0}` }, trusted);

const decided = (name: SamplerName, ratio: number, context = ROOT_CONTEXT) =>
  samplerOf(name, ratio).shouldSample(context, TRACE, 'n', SpanKind.SERVER, {}, []).decision ===
  SamplingDecision.RECORD_AND_SAMPLED;

test('an untrusted parent affects sampling neither way', () => {
  expect(decided('parentbased_always_off', 1, parent(true, false))).toBe(false);
  expect(decided('parentbased_always_on', 1, parent(false, false))).toBe(true);
});

test('a trusted parent determines sampling only with a parent-based sampler', () => {
  expect(decided('parentbased_always_off', 1, parent(true, true))).toBe(true);
  expect(decided('parentbased_always_on', 1, parent(false, true))).toBe(false);
  expect(decided('always_off', 1, parent(true, true))).toBe(false);
  expect(decided('always_on', 1, parent(false, true))).toBe(true);
});

test('a client cannot choose a trace id that is always sampled', () => {
  // Zeros except for the end: sampled at any ratio, if the id counted.
  const lucky = '00000000000000000000000000000001';
  const context = extractTrace({ traceparent: `00-${lucky}-b7ad6b7169203331-01` }, false);
  const sampler = samplerOf('traceidratio', 0.1);
  const sampled = Array.from(
    { length: 2_000 },
    () => sampler.shouldSample(context, lucky, 'n', SpanKind.SERVER, {}, []).decision,
  ).filter((decision) => decision === SamplingDecision.RECORD_AND_SAMPLED).length;
  // 200 expected; less than 10 standard deviations away.
  expect(sampled).toBeGreaterThan(66);
  expect(sampled).toBeLessThan(334);
});

test('calls follow the sampling decision of their request', () => {
  const { collector: _, ...rest } = SETTINGS;
  const telemetry = startSdk(
    { ...rest, collector: 'http://127.0.0.1:9', sampler: 'traceidratio', samplerRatio: 0 },
    systemClock,
    silentLog,
  );
  onTestFinished(() => telemetry.shutdown());
  const request = requestTrace(telemetry, systemClock, parent(true, false)).start('r', SpanKind.SERVER);
  const call = request.start('c', SpanKind.CLIENT);
  expect(call.headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
});

test('a hanging collector costs a bounded number of spans, and two seconds at the end', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clock = manualClock();
  const telemetry = startSdk({ ...SETTINGS, collector: `http://127.0.0.1:${port}`, metrics: false }, clock, silentLog);
  const trace = requestTrace(telemetry, clock, ROOT_CONTEXT);
  const end = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      const span = trace.start(`span ${n}`, SpanKind.SERVER);
      span.set({ n });
      span.end();
    }
  };
  end(5_000);
  const before = heapInUse();
  end(100_000);
  // Kept, they would take some 100 MB.
  expect(heapInUse() - before).toBeLessThan(10_000_000);
  const stopped = telemetry.shutdown();
  clock.advance(2_000);
  await stopped;
});

test('metrics are also sent to the collector, at the latest when the process ends', async () => {
  await using collector = await startCollector();
  const telemetry = startSdk({ ...SETTINGS, collector: collector.url }, systemClock, silentLog);
  telemetry.metrics.operationEnded({ name: 'Sent', failed: false, durationMs: 1 });
  expect(await telemetry.scrape?.()).toContain('Sent');
  await telemetry.shutdown();
  expect([...collector.metrics]).toContain(METRIC_OPERATION_DURATION);
});
