import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../../../core/clock.ts';
import { entryName, type FileEntry } from '../endpoint-list.ts';
import { parseEndpointFile } from './endpoint-file.ts';
import type { EndpointSource } from './endpoint-source.ts';
import { SourceError } from './failure-reason.ts';

/** Time between two looks at the file: for file systems that report no changes, and swaps further up in its path. */
const POLL_MS = 5_000;
/** A file is read once it is unchanged for this long: writers need several steps. */
const SETTLE_MS = 100;
/** Time after which a file system is reported that does not answer. */
const SLOW_MS = 5_000;
const MAX_BYTES = 1_048_576;

/** Identity of the content: changes with every write, rename and swapped link. */
const versionOf = async (path: string): Promise<string> => {
  const { dev, ino, mtimeMs, ctimeMs, size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`the file has more than ${MAX_BYTES} bytes`);
  return [dev, ino, mtimeMs, ctimeMs, size].join(' ');
};

/** Watches the folder of a file: a renamed file or swapped link replaces the file itself. */
const watchFolderOf = (path: string, onChange: () => void, onEnd: () => void): FSWatcher | null => {
  try {
    const watcher = watchFolder(dirname(path), { persistent: false }, onChange);
    watcher.on('error', () => {
      watcher.close();
      onEnd();
    });
    return watcher;
  } catch {
    // The folder does not exist, or there are too many watchers: polling finds changes.
    return null;
  }
};

/**
 * The endpoints of a file, read again after each change: atomic replacement, swapped symbolic links (`..data` of a
 * Kubernetes ConfigMap) and writes in place. Content that cannot be parsed, such as a half-written file, is a failure.
 */
export const fileSource = (entry: FileEntry, clock: Clock): EndpointSource => ({
  name: entryName(entry),
  watch: (sink) => {
    const { path } = entry;
    let stopped = false;
    let timer: Timer | null = null;
    let watcher: FSWatcher | null = null;
    let checking = false;
    let changedMeanwhile = false;
    /** Version that was read last, and the one that was seen last. */
    let read = '';
    let seen = '';

    const readNow = async (): Promise<void> => {
      const { endpoints, fault } = parseEndpointFile(await readFile(path, 'utf8'), entry);
      if (!stopped) sink.list(endpoints, fault);
    };

    /** Reads a changed file if it has settled. Returns the time until the next look. */
    const look = async (): Promise<number> => {
      const version = await versionOf(path);
      if (version === read) {
        if (!stopped) sink.confirmed();
        return POLL_MS;
      }
      const isSettled = version === seen || seen === '';
      seen = version;
      if (!isSettled) return SETTLE_MS;
      read = version;
      await readNow();
      return POLL_MS;
    };

    const check = async (): Promise<void> => {
      if (stopped) return;
      timer?.cancel();
      if (checking) {
        changedMeanwhile = true;
        return;
      }
      checking = true;
      watcher ??= watchFolderOf(path, onChange, () => {
        watcher = null;
      });
      const fail = (error: unknown) => {
        if (!stopped) sink.failed(error);
      };
      const slow = clock.after(SLOW_MS, () => fail(new SourceError('timeout', 'the file system does not answer')));
      const waitMs = await look().catch((error: unknown) => {
        // The same version is read again: it may be back, or readable then.
        read = '';
        fail(error);
        return POLL_MS;
      });
      slow.cancel();
      checking = false;
      if (!stopped) timer = clock.after(changedMeanwhile ? SETTLE_MS : waitMs, () => void check());
      changedMeanwhile = false;
    };
    const onChange = () => void check();

    void check();
    return () => {
      stopped = true;
      timer?.cancel();
      watcher?.close();
    };
  },
});
