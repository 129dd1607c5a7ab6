import { userInfo } from 'node:os';
import { systemClock, wallTime } from '../../core/clock.ts';
import type { AuditEvent } from '../../telemetry/audit/audit-event.ts';
import { auditLine } from '../../telemetry/audit/audit-log.ts';
import { openAudit } from '../../telemetry/audit/open-audit.ts';
import type { CommandContext } from '../command/define-command.ts';
import type { KeySettings } from './key-settings.ts';

const FLUSH_MS = 5_000;

/** Name of the user of the system; the number of one without a name, as in containers. */
export const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
};

/** Records the events of a command. */
export type AuditCommand = (event: Omit<AuditEvent, 'actor' | 'outcome'>) => Promise<void>;

/**
 * Opens the audit log of a command: its file, or standard error, because standard output has the result. Open it before the
 * command changes anything: no change is without its record.
 *
 * @throws ConfigurationError if the file cannot be opened
 */
export const openCommandAudit = (
  { audit: destination }: Pick<KeySettings, 'audit'>,
  { printError }: Pick<CommandContext, 'printError'>,
): AuditCommand => {
  const log = openAudit(destination, { write: () => {} }, { clock: systemClock, networkOf: (address) => address });
  return async (event) => {
    const entry: AuditEvent = { ...event, actor: { kind: 'operator', name: userName() }, outcome: 'success' };
    if (destination.to === 'stdout') printError(auditLine(entry, wallTime()).trimEnd());
    log.record(entry);
    await log.file?.flush(FLUSH_MS);
  };
};
