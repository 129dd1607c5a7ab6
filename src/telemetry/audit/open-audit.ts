import type { AuditDestination } from '../../config/places.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { fileOutput } from '../log/file-output.ts';
import type { LineWriter } from '../log/line-writer.ts';
import { type AuditLog, type AuditLogOptions, auditLog } from './audit-log.ts';

/** The audit log with its destination. */
export interface OpenAudit extends AuditLog {
  /** The file of the audit log; null for another destination. */
  readonly file: LineWriter | null;
}

const openedFile = (path: string, clock: AuditLogOptions['clock']): LineWriter => {
  try {
    return fileOutput(path, clock);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new ConfigurationError('The configuration is invalid:', [
      `AUDIT_LOG: ${path} cannot be opened${code}: set it to a file that this process may create or append to`,
    ]);
  }
};

/**
 * Opens the audit log. `standard` receives its lines unless it is off or has a file. Events are counted in any case.
 *
 * @throws ConfigurationError if the file cannot be opened
 */
export const openAudit = (
  destination: AuditDestination,
  standard: AuditLogOptions['to'],
  options: Omit<AuditLogOptions, 'to'>,
): OpenAudit => {
  const file = destination.to === 'file' ? openedFile(destination.path, options.clock) : null;
  const nowhere = { write: () => {} };
  return { ...auditLog({ ...options, to: file ?? (destination.to === 'off' ? nowhere : standard) }), file };
};
