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
}

const quotedWord = (word: string): string =>
  /^[\w./:{}@-]+$/.test(word) && !word.includes('{') ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command that repeats an import. `source` is its name without secrets. */
export const importCommandText = (
  source: string,
  name: string,
  { select, reads, all, protoPaths }: ImportOptions,
): string =>
  [
    'tributary import',
    quotedWord(source),
    '--as',
    name,
    ...protoPaths.flatMap((path) => ['--proto-path', quotedWord(path)]),
    ...select.flatMap((pattern) => ['--select', quotedWord(pattern)]),
    ...reads.flatMap((pattern) => ['--reads', quotedWord(pattern)]),
    ...(all ? ['--all'] : []),
  ].join(' ');
