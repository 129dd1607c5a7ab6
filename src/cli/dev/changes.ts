import { watch } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Timer } from '../../core/clock.ts';

const QUIET_MS = 100;

/**
 * Yields the paths that changed in and below these folders, collected until a quiet moment: an editor saves one file in
 * several steps, and a checkout writes many files. Changes during the caller's work are in the next set. Ends when
 * `signal` is aborted.
 */
export async function* changesIn(
  folders: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ReadonlySet<string>, void, undefined> {
  let changed = new Set<string>();
  let quiet = Promise.withResolvers<void>();
  let timer: Timer | null = null;
  const note = (path: string) => {
    changed.add(path);
    timer?.cancel();
    timer = systemClock.after(QUIET_MS, () => quiet.resolve());
  };
  for (const folder of folders)
    watch(folder, { recursive: true, signal }, (_event, name) => note(join(folder, name ?? '')));
  signal.addEventListener('abort', () => quiet.resolve(), { once: true });

  while (!signal.aborted) {
    await quiet.promise;
    quiet = Promise.withResolvers();
    const batch = changed;
    changed = new Set();
    if (batch.size > 0 && !signal.aborted) yield batch;
  }
}
