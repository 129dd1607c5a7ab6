import { isAbsolute, relative } from 'node:path';
import { type FoundProto, onDisk, ownRoots } from './find-proto.ts';

/** A problem of a .proto file. */
export interface ProtoProblem {
  /** Absolute path. */
  readonly file: string;
  /** Line and column, counted from 1. Null for a problem of the whole file. */
  readonly location: { readonly line: number; readonly column: number } | null;
  /** A sentence without a full stop. */
  readonly problem: string;
  /** An imperative with a full stop. */
  readonly fix: string;
}

const located = (path: string, { location }: ProtoProblem): string =>
  location === null ? path : `${path}:${location.line}:${location.column}`;

/** Formats the location as `file:line:column`. The path is relative to `folder` if the file is inside. */
export const locatedIn = (folder: string, problem: ProtoProblem): string => {
  const short = relative(folder, problem.file);
  return located(short.startsWith('..') || isAbsolute(short) ? problem.file : short, problem);
};

/** Thrown for a .proto file that cannot be used. */
export class ProtoError extends Error {
  override readonly name = 'ProtoError';
  readonly problems: readonly ProtoProblem[];

  constructor(problems: readonly ProtoProblem[], options?: ErrorOptions) {
    const lines = problems.map((each) => `${located(each.file, each)}: ${each.problem}. ${each.fix}`);
    super(lines.join('\n'), options);
    this.problems = problems;
  }
}

/** A parsed line of protoc's output. */
interface Report {
  readonly name: string;
  readonly line: number | null;
  readonly column: number;
  readonly text: string;
}

/** `name.proto:3:5: text`, `name.proto: text` */
const LINE = /^(?<name>[^:]+(?::[\\/][^:]+)?\.proto):(?:(?<line>\d+):(?<column>\d+):)? (?<text>.*)$/;

const reportOf = (text: string, entry: string): Report => {
  const found = LINE.exec(text)?.groups;
  if (found === undefined) return { name: entry, line: null, column: 1, text };
  const { name = entry, line, column, text: rest = '' } = found;
  return { name, line: line === undefined ? null : Number(line), column: Number(column ?? 1), text: rest };
};

const FAILED_IMPORT = /^Import "(.+)" was not found or had errors\.$/;
const NOT_FOUND = 'File not found.';
const UNDEFINED = ' is not defined.';

const missingImport = (name: string, found: FoundProto): Pick<ProtoProblem, 'problem' | 'fix'> => ({
  problem: `"${name}" was not found; imports are searched in ${ownRoots(found).join(', ')}`,
  fix: 'Correct the path, or add the folder that it starts in to protoPaths.',
});

const fixFor = (text: string): string => {
  if (/ (?:is|seems to be) defined in ".+", which is not imported/.test(text)) return 'Import that file.';
  if (text.endsWith(UNDEFINED)) return 'Define it, import the file that does, or correct the name.';
  return 'Correct the declaration here.';
};

/** Parses protoc's output to problems. Warnings are left out, and so are reports that only follow from another one. */
export const problemsIn = (found: FoundProto, printed: string): readonly ProtoProblem[] => {
  const reports = printed
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/: warning: |^\[libprotobuf WARNING/.test(line))
    .map((line) => reportOf(line, found.file));
  const missing = new Set(reports.filter(({ text }) => text.startsWith(NOT_FOUND)).map(({ name }) => name));
  // A failed import makes all of its names undefined.
  const incomplete = new Set(reports.filter(({ text }) => FAILED_IMPORT.test(text)).map(({ name }) => name));
  const problems = reports.flatMap(({ name, line, column, text }): readonly ProtoProblem[] => {
    if (missing.has(name) || (incomplete.has(name) && text.endsWith(UNDEFINED))) return [];
    const at = { file: onDisk(found, name) ?? found.file, location: line === null ? null : { line, column } };
    const [, imported] = FAILED_IMPORT.exec(text) ?? [];
    if (imported === undefined) return [{ ...at, problem: text.replace(/\.$/, ''), fix: fixFor(text) }];
    // A file that exists has its own reports.
    return missing.has(imported) ? [{ ...at, ...missingImport(imported, found) }] : [];
  });
  if (problems.length > 0) return problems;
  return [
    { file: found.file, location: null, problem: 'protoc failed without a message', fix: 'Run protoc on it by hand.' },
  ];
};
