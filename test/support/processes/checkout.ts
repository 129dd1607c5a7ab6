import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './processes.ts';

const PARTS = [
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  '.gitignore',
  'bin',
  'src',
  'schema',
  'scripts',
  'services-mock',
];

/** A folder for one test file, to be removed by the caller. */
export const emptyFolder = (): string => mkdtempSync(join(realpathSync(tmpdir()), 'tributary-'));

/** A checkout of this repository in its present state, with its dependencies, without the tests of its sources. */
export const checkoutIn = (folder: string): void => {
  for (const part of PARTS)
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts') || path.startsWith(join(ROOT, 'schema')),
    });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
};

export const writeIn = (folder: string, file: string, text: string): void => {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Contents of every file in a folder, dependencies excluded. */
export const contentsOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.includes('/node_modules/'))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
