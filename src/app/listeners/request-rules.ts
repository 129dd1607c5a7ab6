import { readFile } from 'node:fs/promises';
import { versionsOf } from '../../config/certificates/watch-folders.ts';
import { watchedFiles } from '../../config/certificates/watched-files.ts';
import type { WatchedFilesEvent } from '../../config/certificates/watched-value.ts';
import { type RequestRule, readRequestRules } from '../../config/network/request-rules.ts';
import type { Clock } from '../../core/clock.ts';
import { type MetRules, metRules } from '../../http/client/met-rules.ts';
import type { Log } from '../../telemetry/log/log.ts';

/** The file of `REQUEST_RULES`. */
export interface RequestRuleFile {
  /** Null for none. */
  readonly path: string | null;
  /** Empty without a file, and with problems. */
  readonly rules: readonly RequestRule[];
  /** Each with the path of the file. */
  readonly problems: readonly string[];
  /** Version of the file. */
  readonly version: string;
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';

/** Reads the file of `REQUEST_RULES`; null for none. */
export const readRequestRuleFile = async (path: string | null): Promise<RequestRuleFile> => {
  if (path === null) return { path, rules: [], problems: [], version: '' };
  const version = await versionsOf([path]);
  try {
    const { rules, problems } = readRequestRules(await readFile(path, 'utf8'));
    const all = problems.map((problem) => `REQUEST_RULES: ${path}: ${problem}`);
    return { path, rules: rules ?? [], problems: all, version };
  } catch (error) {
    return { path, rules: [], problems: [`REQUEST_RULES: ${path} cannot be read${reasonOf(error)}`], version };
  }
};

const logFile =
  (log: Log) =>
  (event: WatchedFilesEvent): void => {
    if (event.is === 'reloaded') log.warn('The rules of requests were read again from their changed file.');
    else
      log.warn('The file of REQUEST_RULES cannot be used; the last rules stay in use. Correct the file.', {
        reason: event.reason,
      });
  };

export interface OpenedRequestRules {
  /** The rules at this time; undefined without a file. */
  readonly rules: (() => MetRules) | undefined;
  /** State for operators; null without a file. */
  status(): unknown;
  close(): void;
}

/** Follows the file of `REQUEST_RULES`. */
export const openRequestRules = (
  { path, rules, version }: RequestRuleFile,
  clock: Clock,
  log: Log,
): OpenedRequestRules => {
  if (path === null) return { rules: undefined, status: () => null, close: () => {} };
  const compiled = (declared: readonly RequestRule[]) => ({ declared, met: metRules(declared) });
  const files = watchedFiles({
    initial: compiled(rules),
    initialVersion: version,
    paths: [path],
    read: async () => {
      const read = await readRequestRuleFile(path);
      if (read.problems.length > 0) throw new Error(read.problems.join('; '));
      return compiled(read.rules);
    },
    // Files are read only after a change.
    isSame: () => false,
    clock,
    report: logFile(log),
  });
  return {
    rules: () => files.current().met,
    status: () => ({
      rules: files.current().declared.map(({ name, action }) => ({ name, action })),
      fault: files.fault(),
      changes: files.changes(),
    }),
    close: () => files.close(),
  };
};
