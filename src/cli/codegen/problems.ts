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

/** Formats a problem as one line: `file:line:column: problem. Fix.` A problem of the whole file has no position. */
export const problemLine = (file: string, position: FilePosition | null, problem: string, fix: string): string => {
  const at = position === null ? displayed(file) : `${displayed(file)}:${position.line}:${position.column}`;
  return `${at}: ${/[.?!]$/.test(problem) ? problem : `${problem}.`} ${fix}`;
};

/** @throws ConfigurationError if there are any. */
export const throwProblems = (heading: string, problems: readonly string[]): void => {
  if (problems.length > 0) throw new ConfigurationError(heading, problems);
};
