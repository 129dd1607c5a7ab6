/** The only user of OpenTelemetry's SDK, with sdk-histograms.ts. Loaded only if telemetry is exported. */
import { type Context, isSpanContextValid, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { SamplerName } from '../config/telemetry.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from './log/log.ts';
import { Histograms } from './metrics/histogram.ts';
import { type HistogramReader, histogramProducer } from './metrics/sdk-histograms.ts';
import { SCOPE } from './names.ts';
import type { TelemetrySettings } from './settings.ts';
import { type Telemetry, telemetryOf } from './telemetry.ts';
import { isTrusted } from './trace-context.ts';

// Maximum number of spans in memory while the collector is unavailable; later ones are dropped.
const MAX_QUEUED_SPANS = 2_048;
const MAX_BATCH_SPANS = 512;
const EXPORT_TIMEOUT_MS = 5_000;
const METRICS_INTERVAL_MS = 60_000;
const SHUTDOWN_MS = 2_000;
const WARNING_INTERVAL_MS = 60_000;
const MAX_ATTRIBUTE_LENGTH = 1_024;

const rootSampler = (name: SamplerName, ratio: number): Sampler => {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  return name.endsWith('traceidratio') ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
};

/**
 * Makes an independent decision about remote parents that are not trusted. Clients choose their trace ids, so that a
 * ratio of ids would be under their control: the decision uses a random id instead.
 */
const guarded = (sampler: Sampler, root: Sampler): Sampler => {
  const ids = new RandomIdGenerator();
  const isUntrusted = (context: Context): boolean => {
    const parent = trace.getSpanContext(context);
    return parent !== undefined && isSpanContextValid(parent) && parent.isRemote === true && !isTrusted(context);
  };
  return {
    shouldSample: (context, traceId, ...more) =>
      isUntrusted(context)
        ? root.shouldSample(context, ids.generateTraceId(), ...more)
        : sampler.shouldSample(context, traceId, ...more),
    toString: () => `Guarded{${sampler}}`,
  };
};

/** Returns the sampler of this name; `parentbased_*` follows trusted parents and spans of this process. */
export const samplerOf = (name: SamplerName, ratio: number): Sampler => {
  const root = rootSampler(name, ratio);
  const local = new ParentBasedSampler({ root, remoteParentSampled: root, remoteParentNotSampled: root });
  return guarded(name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : local, root);
};

const tracing = ({ collector, sampler, samplerRatio }: TelemetrySettings, resource: ReturnType<typeof resourceOf>) =>
  collector === null
    ? null
    : new TracerProvider({
        resource,
        sampler: samplerOf(sampler, samplerRatio),
        spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
        spanProcessors: [
          new BatchSpanProcessor({
            exporter: new OTLPTraceExporter({ url: `${collector}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS }),
            maxQueueSize: MAX_QUEUED_SPANS,
            maxExportBatchSize: MAX_BATCH_SPANS,
            exportTimeoutMillis: EXPORT_TIMEOUT_MS,
          }),
        ],
      });

type ProducerOf = (reader: HistogramReader) => MetricProducer;

/** Exports metrics on request. */
const scraped = (producerOf: ProducerOf, reader: number): PrometheusExporter =>
  new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [producerOf({ reader, temporality: AggregationTemporality.CUMULATIVE })],
  });

/** Sends metrics once a minute and at the end. */
const pushed = (collector: string, producerOf: ProducerOf, reader: number): MetricReader => {
  const exporter = new OTLPMetricExporter({ url: `${collector}/v1/metrics`, timeoutMillis: EXPORT_TIMEOUT_MS });
  // Set by OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.
  const temporality = exporter.selectAggregationTemporality(InstrumentType.HISTOGRAM);
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [producerOf({ reader, temporality })],
    exportIntervalMillis: METRICS_INTERVAL_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
};

const metering = ({ metrics, collector }: TelemetrySettings, resource: ReturnType<typeof resourceOf>) => {
  if (!metrics) return null;
  const histograms = new Histograms(collector === null ? 1 : 2);
  const producerOf: ProducerOf = (reader) => histogramProducer(histograms, reader, resource);
  const scrape = scraped(producerOf, 0);
  const push = collector === null ? [] : [pushed(collector, producerOf, 1)];
  return { histograms, scrape, provider: new MeterProvider({ resource, readers: [scrape, ...push] }) };
};

const resourceOf = ({ serviceName }: TelemetrySettings) =>
  defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName }));

const exportWarnings = (clock: Clock, log: Log) => {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (error: unknown): void => {
    if (clock.now() < quietUntil) return;
    quietUntil = clock.now() + WARNING_INTERVAL_MS;
    log.warn('Telemetry export failed.', { reason: error instanceof Error ? error.message : String(error) });
  };
};

/** Starts the configured telemetry. */
export const startSdk = (settings: TelemetrySettings, clock: Clock, log: Log): Telemetry => {
  setGlobalErrorHandler(exportWarnings(clock, log));
  const resource = resourceOf(settings);
  const tracers = tracing(settings, resource);
  const meters = metering(settings, resource);
  // Omits the scope label: there is only one scope.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  return telemetryOf({
    log,
    ...(tracers === null ? {} : { tracer: tracers.getTracer(SCOPE) }),
    ...(meters !== null && {
      meter: meters.provider.getMeter(SCOPE),
      histograms: meters.histograms,
      scrape: async () => serializer.serialize((await meters.scrape.collect()).resourceMetrics),
    }),
    shutdown: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = clock.after(SHUTDOWN_MS, resolve);
      const done = Promise.allSettled([tracers?.shutdown(), meters?.provider.shutdown()]);
      await Promise.race([done, late]);
      timer.cancel();
    },
  });
};
