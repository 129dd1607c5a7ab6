import type { Clock, Timer } from '../../core/clock.ts';
import { versionsOf, watchFolders } from './watch-folders.ts';
import { type WatchedFiles, type WatchedFilesEvent, WatchedValue } from './watched-value.ts';

export interface WatchedFilesOptions<Value> {
  readonly initial: Value;
  /** Version of the files of `initial`, of `versionsOf` before they were read. Default: they are read again at once. */
  readonly initialVersion?: string;
  readonly paths: readonly string[];
  /** Reads the value from its files. @throws Error with the reason for which the files cannot be used */
  readonly read: () => Promise<Value>;
  readonly isSame: (one: Value, other: Value) => boolean;
  readonly clock: Clock;
  readonly report: (event: WatchedFilesEvent) => void;
}

/** Interval of the checks: for file systems that report no changes, and links that are swapped further up in a path. */
const POLL_MS = 10_000;
/** Files are read once they are unchanged for this long: writers need several steps. */
const SETTLE_MS = 200;

/**
 * Follows a value of several files, such as a certificate and its key. Files may be written in place, replaced one after
 * the other, or be links that are swapped, as Kubernetes does. The last valid value stays in use until all files are
 * valid together; files that remain invalid until the next check are reported.
 */
export const watchedFiles = <Value>(options: WatchedFilesOptions<Value>): WatchedFiles<Value> => {
  const { paths, read, clock } = options;
  const value = new WatchedValue(options.initial, options.isSame, options.report, options.initialVersion);
  let stopped = false;
  let timer: Timer | null = null;
  let [checking, isSoon] = [false, false];
  let seen = '';

  /** Reads changed files if they have settled. Returns the time until the next look. */
  const look = async (): Promise<number> => {
    const version = await versionsOf(paths);
    if (value.isFrom(version)) return POLL_MS;
    const isSettled = version === seen;
    seen = version;
    if (!isSettled) return SETTLE_MS;
    const outcome = await read().then(
      (next) => ({ next }),
      (error: unknown) => ({ reason: error instanceof Error ? error.message : 'cannot be read' }),
    );
    // Changed while it was read: a certificate may be newer than its key.
    if ((await versionsOf(paths)) !== version) return SETTLE_MS;
    if (stopped) return POLL_MS;
    if ('next' in outcome) value.take(outcome.next, version);
    else value.refuse(outcome.reason, version);
    return POLL_MS;
  };

  const check = async (): Promise<void> => {
    if (stopped || checking) return;
    [checking, isSoon] = [true, false];
    const waitMs = await look();
    checking = false;
    isSoon = waitMs === SETTLE_MS;
    if (!stopped) timer = clock.after(waitMs, () => void check());
  };
  const soon = (): void => {
    // Changes during a check are found by its second look at the versions, or by the next check.
    if (stopped || checking || isSoon) return;
    isSoon = true;
    timer?.cancel();
    timer = clock.after(SETTLE_MS, () => void check());
  };
  const watchers = watchFolders(paths, soon);
  if (paths.length > 0) void check();

  return {
    current: () => value.current,
    onChange: (run) => value.onChange(run),
    fault: () => value.fault,
    changes: () => value.changes,
    close: () => {
      stopped = true;
      timer?.cancel();
      for (const watcher of watchers) watcher.close();
      value.close();
    },
  };
};
