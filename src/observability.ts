import type { Clock } from './clock.ts';
import type { Settings } from './config.ts';
import type { AccessEntry } from './server/access-log.ts';
import type { Log } from './telemetry/log.ts';
import { openTelemetry } from './telemetry/open-telemetry.ts';
import { processLog } from './telemetry/process-log.ts';
import { telemetrySettings } from './telemetry/settings.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** What this process tells its operators by itself. */
export interface Observability {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly access: (entry: AccessEntry) => void;
  /** Sends and writes what is left. */
  close(): Promise<void>;
}

export const openObservability = async (settings: Settings, clock: Clock): Promise<Observability> => {
  const log = processLog({ level: settings.LOG_LEVEL });
  const telemetry = await openTelemetry(telemetrySettings(settings), clock, log);
  return {
    log,
    telemetry,
    access: log.access,
    close: async () => {
      await telemetry.shutdown();
      log.flush();
    },
  };
};
