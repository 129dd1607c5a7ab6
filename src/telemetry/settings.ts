import type { SamplerName } from '../config/telemetry.ts';
import type { Settings } from '../config.ts';

/** What telemetry is wanted, and where. */
export interface TelemetrySettings {
  readonly serviceName: string;
  /** Where traces are sent, with the path; null sends none. */
  readonly endpoint: string | null;
  readonly sampler: SamplerName;
  /** From 0 to 1. */
  readonly samplerRatio: number;
  /** Whether metrics can be scraped. */
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
    endpoint: on && collector !== '' ? `${collector.replace(/\/+$/, '')}/v1/traces` : null,
    sampler: given.OTEL_TRACES_SAMPLER,
    samplerRatio: given.OTEL_TRACES_SAMPLER_ARG,
    metrics: on && given.OTEL_METRICS_EXPORTER === 'prometheus',
  };
};
