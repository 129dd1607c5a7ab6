import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Identity of the content of a file: changes with every write, rename and swapped link. */
const versionOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ dev, ino, mtimeMs, ctimeMs, size }) => [dev, ino, mtimeMs, ctimeMs, size].join(' '),
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown'),
  );

/** Returns the identities of the contents of these files. */
export const versionsOf = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map(versionOf))).join('\n');

/** Calls `onChange` after changes of these files. Watches their folders: a renamed file or swapped link replaces the file itself. */
export const watchFolders = (paths: readonly string[], onChange: () => void): readonly FSWatcher[] => {
  const names = new Set(paths.map((path) => basename(path)));
  // Kubernetes swaps the link `..data`. Other files of a busy folder cause no checks.
  const isOfFiles = (name: string | null) => name === null || names.has(name) || name.startsWith('..');
  return [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) => {
    try {
      const watcher = watchFolder(folder, { persistent: false }, (_, name) => {
        if (isOfFiles(name)) onChange();
      });
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      // The folder does not exist, or there are too many watchers: polling finds changes.
      return [];
    }
  });
};
