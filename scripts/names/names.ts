import { posix } from 'node:path';
import { isTest, readSourceFiles } from '../imports/source-files.ts';
import { type Exported, exportsOf } from './exports.ts';

/** Files that share no word with their exports, each with the reason. */
const UNRELATED_FILES: Readonly<Record<string, string>> = {
  'src/config/kinds.ts': 'imported as a namespace: `kinds.port(4_000)`',
};

/** Reads the exports of all files in `src`, without tests and type declarations. */
export const readExports = (root: string): readonly Exported[] =>
  [...readSourceFiles(root)]
    .filter(([path]) => path.startsWith('src/') && !isTest(path) && !path.endsWith('.d.ts'))
    .flatMap(([path, source]) => exportsOf(path, source));

/** Returns one line for each name that several files export; empty if every exported name is unique. */
export const duplicateNames = (exported: readonly Exported[]): string[] =>
  [...Map.groupBy(exported, ({ name }) => name)]
    .filter(([, places]) => places.length > 1)
    .map(
      ([name, places]) => `${name} is exported by ${places.map(({ path }) => path).join(' and ')}: rename all but one`,
    );

/** Returns the lower-case words of a name in camel case, kebab case or capitals. Words of two letters do not count. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase().replace(/ies$/, 'y'))
    .filter((word) => word.length > 2);

const STEM = 6;

/** True for words of one stem, such as `limit` and `limits`, `forwarded` and `forwarding`. */
const areRelated = (one: string, other: string): boolean =>
  one.startsWith(other.slice(0, STEM)) || other.startsWith(one.slice(0, STEM));

/** Files that are named by their folder as well, as in `circuit/layer.ts`. */
const NAMED_BY_FOLDER: ReadonlySet<string> = new Set(['index', 'layer', 'main']);

/** True if a file shares a word with a name. */
const isNamedAfter = (path: string, name: string): boolean => {
  const file = posix.basename(path, '.ts');
  const inPath = wordsOf(NAMED_BY_FOLDER.has(file) ? `${posix.basename(posix.dirname(path))}-${file}` : file);
  return wordsOf(name).some((word) => inPath.some((other) => areRelated(word, other)));
};

/**
 * Returns one line for each file that shares no word with any of its exports, and for each entry of the allow-list that
 * is no longer needed; empty if there are none.
 */
export const unrelatedFiles = (exported: readonly Exported[], allowed = UNRELATED_FILES): string[] => {
  const unrelated = new Map(
    [...Map.groupBy(exported, ({ path }) => path)].filter(
      ([path, exports]) => !exports.some(({ name }) => isNamedAfter(path, name)),
    ),
  );
  return [
    ...[...unrelated]
      .filter(([path]) => !(path in allowed))
      .map(
        ([path, exports]) => `${path} exports ${exports.map(({ name }) => name).join(', ')}: name one after the other`,
      ),
    ...Object.keys(allowed)
      .filter((path) => !unrelated.has(path))
      .map((path) => `${path} needs no exception: remove it from scripts/names/names.ts`),
  ];
};
