/** With sdk-histograms.ts all that knows OpenTelemetry's SDK. It is loaded only where telemetry goes somewhere. */
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
import type { Clock } from '../clock.ts';
import type { SamplerName } from '../config/telemetry.ts';
import { Histograms } from './histogram.ts';
import type { Log } from './log.ts';
import { SCOPE } from './names.ts';
import { type HistogramReader, histogramProducer } from './sdk-histograms.ts';
import type { TelemetrySettings } from './settings.ts';
import { type Telemetry, telemetryOf } from './telemetry.ts';
import { isTrusted } from './trace-context.ts';

// A collector that is not there costs at most this many spans in memory; later ones are dropped.
const MAX_QUEUED_SPANS = 2_048;
const MAX_BATCH_SPANS = 512;
const EXPORT_TIMEOUT_MS = 5_000;
const METRICS_EVERY_MS = 60_000;
const SHUTDOWN_MS = 2_000;
const COMPLAINT_EVERY_MS = 60_000;
const LONGEST_ATTRIBUTE = 1_024;

const rootSampler = (name: SamplerName, ratio: number): Sampler => {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  return name.endsWith('traceidratio') ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
};

/**
 * Decides by itself about traces that somebody else has begun, unless that was a peer we trust. A client chooses its trace
 * ids, too, so that a share of ids would be a share of the client's choice: the dice are thrown with an id of our own.
 */
const guarded = (sampler: Sampler, root: Sampler): Sampler => {
  const ids = new RandomIdGenerator();
  const isStrange = (context: Context): boolean => {
    const parent = trace.getSpanContext(context);
    return parent !== undefined && isSpanContextValid(parent) && parent.isRemote === true && !isTrusted(context);
  };
  return {
    shouldSample: (context, traceId, ...more) =>
      isStrange(context)
        ? root.shouldSample(context, ids.generateTraceId(), ...more)
        : sampler.shouldSample(context, traceId, ...more),
    toString: () => `Guarded{${sampler}}`,
  };
};

/** The sampler of this name; `parentbased_*` follows parents that are trusted, and spans of this process. */
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
        spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
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

/** Has metrics read when somebody asks for them. */
const scraped = (producerOf: ProducerOf, reader: number): PrometheusExporter =>
  new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [producerOf({ reader, temporality: AggregationTemporality.CUMULATIVE })],
  });

/** Sends metrics on, once a minute and at the end. */
const pushed = (collector: string, producerOf: ProducerOf, reader: number): MetricReader => {
  const exporter = new OTLPMetricExporter({ url: `${collector}/v1/metrics`, timeoutMillis: EXPORT_TIMEOUT_MS });
  // By OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.
  const temporality = exporter.selectAggregationTemporality(InstrumentType.HISTOGRAM);
  return new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [producerOf({ reader, temporality })],
    exportIntervalMillis: METRICS_EVERY_MS,
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

const complaining = (clock: Clock, log: Log) => {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (error: unknown): void => {
    if (clock.now() < quietUntil) return;
    quietUntil = clock.now() + COMPLAINT_EVERY_MS;
    log.warn('Telemetry cannot be exported.', { reason: error instanceof Error ? error.message : String(error) });
  };
};

/** Starts what these settings ask for. */
export const startSdk = (settings: TelemetrySettings, clock: Clock, log: Log): Telemetry => {
  setGlobalErrorHandler(complaining(clock, log));
  const resource = resourceOf(settings);
  const tracers = tracing(settings, resource);
  const meters = metering(settings, resource);
  // There is one scope, and naming it on every line would say nothing.
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
