import { isAbsolute, relative } from 'node:path';
import { ConfigurationError } from '../../core/errors.ts';

/** A path for messages: relative to the current folder, or absolute outside it. */
export const displayed = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
};

/** Position in a file, counted from 1. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** Formats a mistake as one line: `file:line:column: what is wrong. Fix.` */
export const mistake = (file: string, { line, column }: FilePosition, wrong: string, remedy: string): string =>
  `${displayed(file)}:${line}:${column}: ${/[.?!]$/.test(wrong) ? wrong : `${wrong}.`} ${remedy}`;

/** Formats a mistake without a position. */
export const placeless = (file: string, wrong: string, remedy: string): string =>
  `${displayed(file)}: ${/[.?!]$/.test(wrong) ? wrong : `${wrong}.`} ${remedy}`;

/** Position of an offset in a text. */
export const placeOf = (text: string, offset: number): FilePosition => {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

/** @throws ConfigurationError if there are any. */
export const refuse = (heading: string, mistakes: readonly string[]): void => {
  if (mistakes.length > 0) throw new ConfigurationError(heading, mistakes);
};
