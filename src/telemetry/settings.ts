import type { Settings } from '../config/settings.ts';
import type { SamplerName } from '../config/telemetry.ts';

/** Settings of traces and metrics. */
export interface TelemetrySettings {
  readonly serviceName: string;
  /** Base address of the collector, to which traces and metrics are sent over OTLP; null sends none. */
  readonly collector: string | null;
  readonly sampler: SamplerName;
  /** From 0 to 1. */
  readonly samplerRatio: number;
  /** True if metrics are collected: for scraping, and for the collector if there is one. */
  readonly metrics: boolean;
}

type TelemetryVariables = Pick<
  Settings,
  | 'OTEL_SDK_DISABLED'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_TRACES_SAMPLER'
  | 'OTEL_TRACES_SAMPLER_ARG'
  | 'OTEL_METRICS_EXPORTER'
>;

export const telemetrySettings = (settings: TelemetryVariables): TelemetrySettings => {
  const on = settings.OTEL_SDK_DISABLED === 'false';
  const collector = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    serviceName: settings.OTEL_SERVICE_NAME,
    collector: on && collector !== null ? collector.replace(/\/+$/, '') : null,
    sampler: settings.OTEL_TRACES_SAMPLER,
    samplerRatio: settings.OTEL_TRACES_SAMPLER_ARG,
    metrics: on && settings.OTEL_METRICS_EXPORTER === 'prometheus',
  };
};
