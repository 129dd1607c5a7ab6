import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['src', 'schema', 'examples', 'services-mock'];
/** Dependencies, and inputs of tests. */
const SKIPPED: readonly string[] = ['node_modules', 'fixture'];

/**
 * Reads every TypeScript and JavaScript file under the import rules: its path relative to the root, with forward
 * slashes, and its text, sorted by path.
 */
export const readSourceFiles = (root: string): Map<string, string> =>
  new Map(
    FOLDERS.flatMap((folder) => pathsIn(root, folder).map((path) => [path, readFileSync(join(root, path), 'utf8')])),
  );

const pathsIn = (root: string, folder: string): string[] =>
  entriesOf(join(root, folder))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED.includes(entry.name) ? [] : pathsIn(root, path);
      return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
    });

const entriesOf = (folder: string) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

export const isTest = (path: string): boolean => /\.test\.[cm]?[jt]s$/.test(path);
