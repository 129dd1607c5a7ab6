import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MOST = 15;

/** Files that are looked up by the folder that they are in: tests and generated files stand beside their source. */
const isSource = (path: string): boolean => /\.ts$/.test(path) && !/\.test\.ts$|\.generated\.ts$/.test(path);

/** Returns a line for each of these files' folders with more than 15 source files: a reader should see all of them at once. */
export const crowdedFolders = (paths: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const path of paths.filter(isSource)) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > MOST)
    .map(([folder, count]) => `${folder} has ${count} files: ${MOST} are allowed`);
};

/** Returns the paths of all files of `src`. */
export const sourcePaths = (root: string): readonly string[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => `src/${path}`);
