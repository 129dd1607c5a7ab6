import { basename } from 'node:path';
import type { ImportOptions } from '../import-options.ts';
import type { ImportSource } from '../import-source.ts';
import { jsonIn, textIn } from '../json.ts';
import { readSource } from '../read-source.ts';
import { readContract } from './document/contract.ts';
import { joinFiles } from './document/join-files.ts';
import { openapiFolder } from './openapi-folder.ts';
import { operationsOf } from './operation/operations.ts';
import { selectOperations } from './operation/select-operations.ts';
import { readOpenapi } from './read-openapi.ts';
import { renamedModule } from './renamed-module.ts';

/** Reads an OpenAPI document. */
export const openapiSource = async (options: ImportOptions): Promise<ImportSource> => {
  const source = await readSource(options.source);
  const contract = await readContract(await joinFiles(source));
  const title = textIn(jsonIn(jsonIn(source.value).info).title) ?? '';
  return {
    name: source.name,
    names: [
      basename(source.name).replace(/\.[^.]*$/, ''),
      title.replaceAll(/\b(open|swagger|rest|api|v\d[\d.]*)\b/gi, ''),
    ],
    convert: (module, taken) => {
      const operations = selectOperations(operationsOf(contract), options.select, options.all || options.list);
      const reads = new Set(
        options.reads.length === 0 ? [] : selectOperations(operations, options.reads, true, '--reads'),
      );
      return openapiFolder(
        renamedModule(readOpenapi(contract, operations, { module, reads, taken }), options.renames, taken),
      );
    },
  };
};
