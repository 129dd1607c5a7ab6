import type { Clock } from '../core/clock.ts';
import type { Log } from './log/log.ts';
import type { TelemetrySettings } from './settings.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/** Starts the configured telemetry. The SDK is loaded only if something is exported. */
export const openTelemetry = async (settings: TelemetrySettings, clock: Clock, log: Log): Promise<Telemetry> => {
  if (settings.collector === null && !settings.metrics) return noTelemetry;
  const { startSdk } = await import('./sdk.ts');
  return startSdk(settings, clock, log);
};
