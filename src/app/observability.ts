import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import type { AccessEntry } from '../http/exchange/access-log.ts';
import { networkOf } from '../rate-limit/client-key.ts';
import type { Audit } from '../telemetry/audit/audit-event.ts';
import { openAudit } from '../telemetry/audit/open-audit.ts';
import type { Log } from '../telemetry/log/log.ts';
import { processLog } from '../telemetry/log/process-log.ts';
import { standardOutput } from '../telemetry/log/standard-output.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import { telemetrySettings } from '../telemetry/settings.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Log, audit log, traces and metrics of this process. */
export interface Observability {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly access: (entry: AccessEntry) => void;
  readonly audit: Audit;
  /** Flushes traces and metrics for at most two seconds, and the logs for at most one. */
  close(): Promise<void>;
}

const LOG_FLUSH_MS = 1_000;

/** @throws ConfigurationError if the file of the audit log cannot be opened */
export const openObservability = async (settings: Settings, clock: Clock): Promise<Observability> => {
  const output = standardOutput(clock);
  const log = processLog({ level: settings.LOG_LEVEL, to: output });
  const telemetry = await openTelemetry(telemetrySettings(settings), clock, log);
  const { metrics } = telemetry;
  const audit = openAudit(settings.AUDIT_LOG, output, { clock, networkOf, count: metrics.audited });
  metrics.watchLog(() => output.dropped + (audit.file?.dropped ?? 0));
  return {
    log,
    telemetry,
    access: log.access,
    audit,
    close: async () => {
      await telemetry.shutdown();
      audit.close();
      await Promise.all([output.flush(LOG_FLUSH_MS), audit.file?.flush(LOG_FLUSH_MS)]);
    },
  };
};
