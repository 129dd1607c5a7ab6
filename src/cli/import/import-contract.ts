import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { displayed } from '../codegen/problems.ts';
import { UsageError } from '../command/exit-code.ts';
import { curlSource } from './curl/curl-source.ts';
import { graphqlSource } from './graphql/graphql-source.ts';
import { type ImportOptions, importCommandText } from './import-options.ts';
import { importReport, operationList } from './import-report.ts';
import type { ImportDependencies, ImportSource } from './import-source.ts';
import { writeModule } from './module-folder.ts';
import { moduleName } from './names/module-name.ts';
import { takenNames } from './names/taken-names.ts';
import { openapiSource } from './openapi/openapi-source.ts';
import { protoSource } from './proto/proto-source.ts';
import { reflectionSource } from './proto/reflection/reflection-source.ts';

/** True for a file with SDL, and a URL that ends in `/graphql`. */
const isGraphql = (source: string): boolean =>
  /^https?:/i.test(source) ? /\/(graphql|gql)\/?(\?.*)?$/i.test(source) : /\.(graphqls?|gql)$/i.test(source);

/** True for a command line of curl. */
const isCurl = (source: string): boolean => /^\s*curl(\.exe)?\s/.test(source);

/** A module has one call: the import of another one would remove its fields. */
const rejectOtherCall = (folder: string, title: string): void => {
  const file = join(folder, 'imported.generated.graphql');
  if (!existsSync(file)) return;
  const [, before = title] = /^# Written by .* \((.*)\)\. Do not edit/.exec(readFileSync(file, 'utf8')) ?? [];
  if (before === title) return;
  throw new UsageError(
    `${displayed(folder)} is imported from ${before}, and ${title} would replace it. Import it under another name with --as, or write the call in index.ts.`,
  );
};

const sourceOf = (options: ImportOptions, dependencies: ImportDependencies): Promise<ImportSource> => {
  const { source, graphql } = options;
  if (isCurl(source)) return curlSource(options, dependencies);
  if (/^grpcs?:/i.test(source)) return reflectionSource(options, dependencies);
  if (graphql || isGraphql(source)) return graphqlSource(options, dependencies);
  return source.endsWith('.proto') ? protoSource(options) : openapiSource(options);
};

/**
 * Imports a contract. Returns what to print.
 *
 * @throws UsageError and CommandFailure, with all problems of the contract at once
 */
export const importContract = async (options: ImportOptions, dependencies: ImportDependencies): Promise<string> => {
  const source = await sourceOf(options, dependencies);
  const name = moduleName(options.name, source.names);
  const dir = resolve(options.dir);
  const folder = join(dir, name);
  const taken = takenNames(dir, folder, options.renames);
  const imported = source.convert(name, taken);
  if (options.list) return operationList(imported);
  if (isCurl(options.source)) rejectOtherCall(folder, imported.title);
  if (imported.operations.length === 0)
    throw new UsageError(`No selected operation can be imported:\n${operationList(imported)}`);
  const written = await writeModule(folder, imported, source.name, importCommandText(source.name, name, options));
  return importReport(displayed(folder), imported, written, taken);
};
