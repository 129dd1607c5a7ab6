import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { AccessEntry } from '../http/exchange/access-log.ts';
import type { Log } from '../telemetry/log/log.ts';
import { processLog } from '../telemetry/log/process-log.ts';
import { standardOutput } from '../telemetry/log/standard-output.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import { telemetrySettings } from '../telemetry/settings.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

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
