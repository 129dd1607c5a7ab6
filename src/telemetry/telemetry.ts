import { createNoopMeter, type Meter, type Tracer } from '@opentelemetry/api';
import { Histograms } from './histogram.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** Where spans and measurements go. */
export interface Telemetry {
  /** Null where nobody collects spans. */
  readonly tracer: Tracer | null;
  readonly metrics: Metrics;
  /** The metrics so far in Prometheus' text format; null where they are off. */
  readonly scrape: (() => Promise<string>) | null;
  /** Sends what is left, for two seconds at most. */
  shutdown(): Promise<void>;
}

export interface TelemetryParts {
  readonly tracer?: Tracer;
  readonly meter?: Meter;
  readonly histograms?: Histograms;
  /** Gets the warnings of the metrics. */
  readonly log?: Log;
  readonly scrape?: () => Promise<string>;
  readonly shutdown?: () => Promise<void>;
}

/** Telemetry of these parts; what is not given does nothing. */
export const telemetryOf = ({ tracer, meter, histograms, log, scrape, shutdown }: TelemetryParts): Telemetry => ({
  tracer: tracer ?? null,
  metrics: createMetrics(meter ?? createNoopMeter(), histograms ?? new Histograms(0), log),
  scrape: scrape ?? null,
  shutdown: shutdown ?? (async () => {}),
});

/** Telemetry that goes nowhere. */
export const noTelemetry: Telemetry = telemetryOf({});
