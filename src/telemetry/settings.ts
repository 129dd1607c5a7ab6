import type { SamplerName } from '../config/telemetry.ts';
import type { Settings } from '../config.ts';

/** What telemetry is wanted, and where. */
export interface TelemetrySettings {
  readonly serviceName: string;
  /** The collector's base address, to which traces and metrics are sent over OTLP; null sends none. */
  readonly collector: string | null;
  readonly sampler: SamplerName;
  /** From 0 to 1. */
  readonly samplerRatio: number;
  /** Whether there are metrics: to be scraped, and sent where there is a collector. */
  readonly metrics: boolean;
}

type Given = Pick<
  Settings,
  | 'OTEL_SDK_DISABLED'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_TRACES_SAMPLER'
  | 'OTEL_TRACES_SAMPLER_ARG'
  | 'OTEL_METRICS_EXPORTER'
>;

export const telemetrySettings = (given: Given): TelemetrySettings => {
  const on = given.OTEL_SDK_DISABLED === 'false';
  const collector = given.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    serviceName: given.OTEL_SERVICE_NAME,
    collector: on && collector !== null ? collector.replace(/\/+$/, '') : null,
    sampler: given.OTEL_TRACES_SAMPLER,
    samplerRatio: given.OTEL_TRACES_SAMPLER_ARG,
    metrics: on && given.OTEL_METRICS_EXPORTER === 'prometheus',
  };
};
