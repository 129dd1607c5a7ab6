import { relative } from 'node:path';
import { UsageError } from '../command/exit-code.ts';

export interface ImportOptions {
  readonly source: string;
  /** Null: from the contract. */
  readonly name: string | null;
  readonly select: readonly string[];
  /** Operations that only read, but do not look like it. */
  readonly reads: readonly string[];
  readonly all: boolean;
  readonly list: boolean;
  readonly dir: string;
  /** Folders that imports of a .proto file start in. */
  readonly protoPaths: readonly string[];
  /** Headers of requests to a server, as `name: value`. Their values are never written. */
  readonly headers: readonly string[];
  /** True if the source is a GraphQL service, whatever its name. */
  readonly graphql: boolean;
  /** Beginning of the names of the types of a GraphQL service. */
  readonly prefix: string;
  /** Names of types and fields: `Type=NewType`, `Type.field=newField`. */
  readonly renames: readonly string[];
  /** File with the answer to a curl command, which is then not sent; null to send it. */
  readonly answer: string | null;
}

const quotedWord = (word: string): string =>
  /^[\w./:{}@=-]+$/.test(word) && !word.includes('{') ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** From the current folder, so that the command works in another checkout. */
const relativePath = (path: string): string => relative(process.cwd(), path) || '.';

/** The command that repeats an import. `source` is its name without secrets. */
export const importCommandText = (
  source: string,
  name: string,
  { select, reads, all, protoPaths, headers, graphql, prefix, renames, answer }: ImportOptions,
): string =>
  [
    'tributary import',
    quotedWord(source),
    '--as',
    name,
    ...(answer === null ? [] : ['--answer', quotedWord(relativePath(answer))]),
    ...protoPaths.flatMap((path) => ['--proto-path', quotedWord(relativePath(path))]),
    ...headers.flatMap((header) => ['--header', quotedWord(`${header.split(':', 1)[0]}: …`)]),
    ...select.flatMap((pattern) => ['--select', quotedWord(pattern)]),
    ...reads.flatMap((pattern) => ['--reads', quotedWord(pattern)]),
    ...renames.flatMap((rename) => ['--rename', quotedWord(rename)]),
    ...(graphql ? ['--graphql'] : []),
    ...(prefix === '' ? [] : ['--prefix', prefix]),
    ...(all ? ['--all'] : []),
  ].join(' ');

/**
 * Headers by name in lower case.
 *
 * @throws UsageError for a text that is no header; without its value
 */
export const parsedHeaders = (headers: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    headers.map((header) => {
      const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*([\x20-\x7e]*)$/.exec(header) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError("A --header is not valid: use the form 'name: value', in printable ASCII.");
      return [name.toLowerCase(), value.trim()];
    }),
  );
