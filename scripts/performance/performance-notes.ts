import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSourceFiles } from '../imports/source-files.ts';

const FILE = 'docs/performance.md';

/** Returns one problem for each `// perf: P1` without a note in docs/performance.md, and for each note without one. */
export const performanceProblems = (root: string): readonly string[] => {
  const headings = readFileSync(join(root, FILE), 'utf8').matchAll(/^## (P\d+): /gm);
  const notes = new Set([...headings].map(([, note = '']) => note));
  const uses = [...readSourceFiles(root)].flatMap(([path, text]) =>
    [...text.matchAll(/\/\/ perf: (P\d+)$/gm)].map(([, note = '']) => ({ path, note })),
  );
  const used = new Set(uses.map(({ note }) => note));
  return [
    ...uses.filter(({ note }) => !notes.has(note)).map(({ path, note }) => `${path}: ${FILE} has no note ${note}`),
    ...[...notes]
      .filter((note) => !used.has(note))
      .map((note) => `${FILE}: no code refers to ${note}: remove the note`),
  ];
};
