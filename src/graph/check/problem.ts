import { isAbsolute, relative } from 'node:path';

/** A position in a file. Both numbers count from 1. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
}

/** A problem in a module. */
export interface ModuleProblem {
  /** Absolute path. */
  readonly file: string;
  /** Null for a problem of the whole file, or of unknown position. */
  readonly location: SourceLocation | null;
  readonly problem: string;
  /** The fix, as an imperative. */
  readonly fix: string;
}

/** A path as in messages: relative to the current folder, or absolute for a file outside it. */
const shown = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
};

/** `file:line:column`, or the file alone. */
export const located = (file: string, location: SourceLocation | null): string =>
  location === null ? shown(file) : `${shown(file)}:${location.line}:${location.column}`;

/** The problem as one line: `file:line:column: problem: fix`. */
export const described = ({ file, location, problem, fix }: ModuleProblem): string =>
  `${located(file, location)}: ${problem}: ${fix}`.replaceAll(/\s*\n\s*/g, ' ');

/** Orders problems by file, then by position; problems of the whole file come first. */
export const byLocation = (one: ModuleProblem, other: ModuleProblem): number => {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  const [a, b] = [one.location ?? { line: 0, column: 0 }, other.location ?? { line: 0, column: 0 }];
  return a.line - b.line || a.column - b.column;
};

/** `a`, `a and b`, `a, b and c` */
export const listed = (words: Iterable<string>): string => {
  const all = [...words];
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
};
