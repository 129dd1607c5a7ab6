import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figures, figuresOf, LIMITS, offending } from './figures.ts';
import { type Kind, type Text, textsOf } from './texts.ts';

const CHECKED = /^(src|scripts|services-mock|schema|examples|test|bench)\/.*\.ts$|\.md$/;
/** Inputs of tests, some of them wrong on purpose. */
const SKIPPED = /^(test\/fixtures|src\/cli\/codegen\/fixture)\//;
const MAX_EXAMPLES = 5;

const KINDS: readonly Kind[] = ['comments', 'test titles', 'prose'];
const FIGURES: readonly (keyof Figures)[] = ['persons', 'openings', 'speech'];
const UNITS = {
  persons: 'words for persons per 1,000',
  openings: '% relative openings',
  speech: 'verbs of speech per 1,000',
};

/** Every comment, test title and Markdown paragraph of the repository at `root`. */
export const readTexts = (root: string): readonly Text[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => CHECKED.test(path) && !SKIPPED.test(path) && existsSync(join(root, path)))
    .flatMap((path) => textsOf(path, readFileSync(join(root, path), 'utf8')));

/** One line for each figure at or above its limit, with examples; empty if all are below. */
export const proseProblems = (texts: readonly Text[]): string[] =>
  KINDS.flatMap((kind) => {
    const ofKind = texts.filter((text) => text.kind === kind);
    const figures = figuresOf(ofKind);
    return FIGURES.filter((figure) => figures[figure] >= LIMITS[kind][figure]).map((figure) => {
      const examples = offending(ofKind, figure)
        .slice(0, MAX_EXAMPLES)
        .map(({ path, line, text }) => `\n  ${path}:${line}: ${text.split('\n')[0]}`);
      const value = figures[figure].toFixed(1);
      return `${kind}: ${value} ${UNITS[figure]}, limit ${LIMITS[kind][figure]}. Name the subject first.${examples.join('')}`;
    });
  });
