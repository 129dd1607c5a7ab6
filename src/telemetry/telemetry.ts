import { createNoopMeter, type Meter, type Tracer } from '@opentelemetry/api';
import type { Log } from './log/log.ts';
import { Histograms } from './metrics/histogram.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';

/** Tracer and metrics of a process. */
export interface Telemetry {
  /** Null without trace export. */
  readonly tracer: Tracer | null;
  readonly metrics: Metrics;
  /** Returns the metrics in Prometheus' text format; null if metrics are off. */
  readonly scrape: (() => Promise<string>) | null;
  /** Flushes for at most two seconds. */
  shutdown(): Promise<void>;
}

export interface TelemetryParts {
  readonly tracer?: Tracer;
  readonly meter?: Meter;
  readonly histograms?: Histograms;
  /** Receives the warnings of the metrics. */
  readonly log?: Log;
  readonly scrape?: () => Promise<string>;
  readonly shutdown?: () => Promise<void>;
}

/** Combines these parts; missing ones do nothing. */
export const telemetryOf = ({ tracer, meter, histograms, log, scrape, shutdown }: TelemetryParts): Telemetry => ({
  tracer: tracer ?? null,
  metrics: createMetrics(meter ?? createNoopMeter(), histograms ?? new Histograms(0), log),
  scrape: scrape ?? null,
  shutdown: shutdown ?? (async () => {}),
});

/** Telemetry without any effect. */
export const noTelemetry: Telemetry = telemetryOf({});
