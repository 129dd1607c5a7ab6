import { createNoopMeter, type Meter, ProxyTracerProvider, type Tracer } from '@opentelemetry/api';
import { createMetrics, type Metrics } from './metrics.ts';
import { SCOPE } from './names.ts';

/** Where spans and measurements go. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: Metrics;
  /** The metrics so far in Prometheus' text format; null where they are off. */
  readonly scrape: (() => Promise<string>) | null;
  /** Sends what is left, for two seconds at most. */
  shutdown(): Promise<void>;
}

export interface TelemetryParts {
  readonly tracer?: Tracer;
  readonly meter?: Meter;
  readonly scrape?: () => Promise<string>;
  readonly shutdown?: () => Promise<void>;
}

/** Telemetry of these parts; what is not given does nothing. */
export const telemetryOf = ({ tracer, meter, scrape, shutdown }: TelemetryParts): Telemetry => ({
  // A provider without a delegate: its spans record nothing, and carry on the trace that a client has begun.
  tracer: tracer ?? new ProxyTracerProvider().getTracer(SCOPE),
  metrics: createMetrics(meter ?? createNoopMeter()),
  scrape: scrape ?? null,
  shutdown: shutdown ?? (async () => {}),
});

/** Telemetry that goes nowhere. */
export const noTelemetry: Telemetry = telemetryOf({});
