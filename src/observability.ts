import type { Clock } from './clock.ts';
import type { Settings } from './config.ts';
import type { AccessEntry } from './server/access-log.ts';
import type { Log } from './telemetry/log.ts';
import { openTelemetry } from './telemetry/open-telemetry.ts';
import { processLog } from './telemetry/process-log.ts';
import { telemetrySettings } from './telemetry/settings.ts';
import { standardOutput } from './telemetry/standard-output.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Log, traces and metrics of this process. */
export interface Observability {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly access: (entry: AccessEntry) => void;
  /** Flushes traces and metrics for at most two seconds, and the log for at most one. */
  close(): Promise<void>;
}

const LOG_FLUSH_MS = 1_000;

export const openObservability = async (settings: Settings, clock: Clock): Promise<Observability> => {
  const output = standardOutput(clock);
  const log = processLog({ level: settings.LOG_LEVEL, to: output });
  const telemetry = await openTelemetry(telemetrySettings(settings), clock, log);
  telemetry.metrics.watchLog(() => output.dropped);
  return {
    log,
    telemetry,
    access: log.access,
    close: async () => {
      await telemetry.shutdown();
      await output.flush(LOG_FLUSH_MS);
    },
  };
};
