import * as kinds from './kinds.ts';
import { auditDestination } from './places.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type SamplerName = (typeof SAMPLERS)[number];

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Variables of log, traces and metrics. Variables of OpenTelemetry have its standard names and meanings. */
export const telemetryVariables = {
  /** The access log is written at `info`. */
  LOG_LEVEL: kinds.word(LOG_LEVELS).default('info'),
  /** Destination of the audit log, which has no level. */
  AUDIT_LOG: auditDestination,
  OTEL_SDK_DISABLED: kinds.word(['true', 'false']).default('false'),
  OTEL_SERVICE_NAME: kinds.matching(/^.{1,255}$/u, 'must have at most 255 characters', 'tributary'),
  /**
   * Base address of the collector: traces go to `/v1/traces` below it, metrics to `/v1/metrics`. Null exports nothing.
   */
  OTEL_EXPORTER_OTLP_ENDPOINT: kinds.httpBase('http://127.0.0.1:4318'),
  /** Read by the SDK itself, and checked here. */
  OTEL_EXPORTER_OTLP_HEADERS: kinds.pairs,
  OTEL_EXPORTER_OTLP_COMPRESSION: kinds.word(['none', 'gzip']).default('none'),
  OTEL_RESOURCE_ATTRIBUTES: kinds.pairs,
  OTEL_TRACES_SAMPLER: kinds.word(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: kinds.share(1),
  OTEL_METRICS_EXPORTER: kinds.word(['prometheus', 'none']).default('prometheus'),
};
