import { isAbsolute, relative } from 'node:path';
import { ConfigurationError } from '../../src/errors.ts';

/** A path as a reader of messages would write it: from the current folder, or absolute where it lies elsewhere. */
export const displayed = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
};

/** Where something stands in a file. Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One mistake in one line: `file:line:column: what is wrong. What to do about it.` */
export const mistake = (file: string, { line, column }: Place, wrong: string, remedy: string): string =>
  `${displayed(file)}:${line}:${column}: ${/[.?!]$/.test(wrong) ? wrong : `${wrong}.`} ${remedy}`;

/** A mistake of a file as a whole. */
export const placeless = (file: string, wrong: string, remedy: string): string =>
  `${displayed(file)}: ${/[.?!]$/.test(wrong) ? wrong : `${wrong}.`} ${remedy}`;

/** The place of an offset in a text. */
export const placeOf = (text: string, offset: number): Place => {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

/** @throws ConfigurationError where there are any. */
export const refuse = (heading: string, mistakes: readonly string[]): void => {
  if (mistakes.length > 0) throw new ConfigurationError(heading, mistakes);
};
