import { basename, join, resolve } from 'node:path';
import { UsageError } from '../command/exit-code.ts';
import { importReport, operationList } from './import-report.ts';
import { jsonIn, textIn } from './json.ts';
import { writeModule } from './module-folder.ts';
import { wordsOfName } from './names.ts';
import { readContract } from './openapi/document/contract.ts';
import { joinFiles } from './openapi/document/join-files.ts';
import { openapiFolder } from './openapi/openapi-folder.ts';
import { operationsOf } from './openapi/operation/operations.ts';
import { selectOperations } from './openapi/operation/select-operations.ts';
import { readOpenapi } from './openapi/read-openapi.ts';
import { type ContractSource, readSource } from './read-source.ts';
import { takenNames } from './taken-names.ts';

export interface ImportOptions {
  readonly source: string;
  /** Null: from the contract. */
  readonly name: string | null;
  readonly select: readonly string[];
  /** POST operations that only read. */
  readonly reads: readonly string[];
  readonly all: boolean;
  readonly list: boolean;
  readonly dir: string;
}

/** File names that say nothing about a backend. */
const GENERAL = /^(openapi|swagger|spec\d*|api|index|contract|schema|v\d+|docs?|json|yaml)$/i;

const kebab = (text: string): string => wordsOfName(text).join('-').toLowerCase();

const moduleName = (name: string | null, { name: source, value }: ContractSource): string => {
  if (name !== null) {
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      throw new UsageError(`--as ${name} is no module name: use small letters, digits and -, as in order-desk.`);
    return name;
  }
  const file = kebab(basename(source).replace(/\.[^.]*$/, ''));
  const title = kebab(
    (textIn(jsonIn(jsonIn(value).info).title) ?? '').replaceAll(/\b(open|swagger|rest|api|v\d[\d.]*)\b/gi, ''),
  );
  const found = [GENERAL.test(file) ? '' : file, title].find((candidate) => /^[a-z][a-z0-9-]*$/.test(candidate));
  if (found === undefined) throw new UsageError('The contract has no title: name the module with --as.');
  return found;
};

const quotedWord = (word: string): string =>
  /^[\w./:{}@-]+$/.test(word) && !word.includes('{') ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command that repeats an import. */
const commandOf = (source: string, name: string, { select, reads, all }: ImportOptions): string =>
  [
    'tributary import',
    quotedWord(source),
    '--as',
    name,
    ...select.flatMap((pattern) => ['--select', quotedWord(pattern)]),
    ...reads.flatMap((pattern) => ['--reads', quotedWord(pattern)]),
    ...(all ? ['--all'] : []),
  ].join(' ');

/**
 * Imports a contract. Returns what to print.
 *
 * @throws UsageError and CommandFailure, with all problems of the contract at once
 */
export const importContract = async (options: ImportOptions): Promise<string> => {
  const source = await readSource(options.source);
  const contract = await readContract(await joinFiles(source));
  const operations = selectOperations(operationsOf(contract), options.select, options.all || options.list);
  const reads = new Set(options.reads.length === 0 ? [] : selectOperations(operations, options.reads, true, '--reads'));
  const name = moduleName(options.name, source);
  const dir = resolve(options.dir);
  const folder = join(dir, name);
  const module = readOpenapi(contract, operations, { module: name, reads, taken: takenNames(dir, folder) });
  const imported = openapiFolder(module);
  if (options.list) return operationList(imported);
  if (module.fields.length === 0)
    throw new UsageError(`No selected operation can be imported:\n${operationList(imported)}`);
  const written = await writeModule(folder, imported, source.name, commandOf(source.name, name, options));
  return importReport(imported, written);
};
