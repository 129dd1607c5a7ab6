import { isAbsolute, relative } from 'node:path';

/** A place in a file. Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong with a module. */
export interface Mistake {
  /** Absolute path. */
  readonly file: string;
  /** Null where it is the file as a whole, or nobody knows. */
  readonly place: Place | null;
  readonly wrong: string;
  /** What to do about it, as an imperative. */
  readonly remedy: string;
}

/** A path as a reader of messages would write it: from the current folder, or absolute where it lies elsewhere. */
const shown = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
};

/** `file:line:column`, or the file alone. */
export const placed = (file: string, place: Place | null): string =>
  place === null ? shown(file) : `${shown(file)}:${place.line}:${place.column}`;

/** The mistake in one line: `file:line:column: what is wrong: what to do`. */
export const described = ({ file, place, wrong, remedy }: Mistake): string =>
  `${placed(file, place)}: ${wrong}: ${remedy}`.replaceAll(/\s*\n\s*/g, ' ');

/** Orders mistakes by file, then by place; what concerns a whole file comes first. */
export const byPlace = (one: Mistake, other: Mistake): number => {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  const [a, b] = [one.place ?? { line: 0, column: 0 }, other.place ?? { line: 0, column: 0 }];
  return a.line - b.line || a.column - b.column;
};

/** `a`, `a and b`, `a, b and c` */
export const listed = (words: Iterable<string>): string => {
  const all = [...words];
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
};
