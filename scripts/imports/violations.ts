import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { cyclesOf } from './cycles.ts';
import { type Import, resolveImport, whyNot } from './direction.ts';
import { referencesOf } from './references.ts';
import { restrictedIn } from './restricted.ts';
import { readSourceFiles } from './source-files.ts';

/** Returns every violation of the import rules in the tree at `root`, one line each; empty for none. */
export const violations = (root: string): string[] => {
  const entryPoints = readEntryPoints(root);
  const read = [...readSourceFiles(root)].map(([path, source]) => ({ path, references: referencesOf(path, source) }));
  const imports = read.flatMap(({ path, references }) =>
    references.imports.map((specifier) => resolveImport(path, specifier, entryPoints)),
  );
  return [
    ...imports.flatMap(against),
    ...cyclesOf(edgesWithinSource(imports)).map((cycle) => `${cycle.join(' > ')} is an import cycle`),
    ...read.flatMap(({ path, references }) => restrictedIn(path, references)),
  ];
};

const against = (asked: Import): string[] => {
  const reason = whyNot(asked);
  return reason === null ? [] : [`${asked.from} must not import ${asked.target ?? asked.specifier} (${reason})`];
};

const edgesWithinSource = (imports: readonly Import[]): Map<string, string[]> => {
  const edges = new Map<string, string[]>();
  for (const { from, target } of imports) {
    if (!from.startsWith('src/') || !target?.startsWith('src/')) continue;
    edges.set(from, [...(edges.get(from) ?? []), target]);
  }
  return edges;
};

/** Specifiers of the package's own exports, and their files. */
const readEntryPoints = (root: string): Map<string, string> => {
  const manifest: { name: string; exports: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return new Map(
    Object.entries(manifest.exports).map(([name, file]) => [posix.join(manifest.name, name), posix.normalize(file)]),
  );
};
