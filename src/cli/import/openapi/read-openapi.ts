import { connectionOf } from '../connection-types.ts';
import { type Json, jsonIn, listIn, textIn } from '../json.ts';
import { namePool } from '../names/names.ts';
import type { TakenNames } from '../names/taken-names.ts';
import type { Contract } from './document/contract.ts';
import { securityNotes } from './document/security.ts';
import type { ImportedModule, RootField } from './imported-module.ts';
import { argumentsOf, Unsupported } from './operation/arguments.ts';
import { bodyOf } from './operation/bodies.ts';
import { errorFormatOf } from './operation/error-format.ts';
import { rootFieldNames, typeHint } from './operation/field-names.ts';
import { loadersOf } from './operation/loaders.ts';
import { type ApiOperation, labelOf } from './operation/operations.ts';
import { isPageArgument, pagesOf } from './operation/pages.ts';
import { resultOf, successOf } from './operation/results.ts';
import { contractTypes } from './types/type-reader.ts';
import type { TypeReader } from './types/type-reading.ts';

const parameterSchemas = (reader: TypeReader, { parameters }: ApiOperation): ReadonlyMap<string, Json> =>
  new Map(parameters.map(({ name, schema }) => [String(name), reader.contract.follow(schema).value]));

/** How operations become fields. */
export interface FieldReading {
  readonly module: string;
  /** Operations that only read, in addition to GET. */
  readonly reads: ReadonlySet<ApiOperation>;
  readonly taken: TakenNames;
}

const readField = (reader: TypeReader, operation: ApiOperation, isRead: boolean): Omit<RootField, 'name'> => {
  const hint = typeHint(operation);
  const notes: string[] = [];
  const result = resultOf(reader, operation, hint);
  const args = argumentsOf(reader, operation, hint, namePool(['input', 'first', 'after']), notes);
  const body = bodyOf(reader, operation, hint);
  const candidate = {
    args,
    result,
    response: successOf(reader, operation),
    schemas: parameterSchemas(reader, operation),
    connection: '',
  };
  const pages = operation.method === 'get' ? pagesOf(reader, candidate) : null;
  return {
    root: isRead ? 'Query' : 'Mutation',
    method: operation.method,
    path: operation.path,
    description: operation.description,
    deprecated: operation.isDeprecated,
    args: pages === null ? args : args.filter((argument) => !isPageArgument(pages, argument)),
    body,
    result,
    pages: pages === null ? null : { ...pages, connection: connectionOf(reader, pages.item) },
    notes,
  };
};

/** Converts the selected operations of a contract, with all types that they use, to a module. */
export const readOpenapi = (
  contract: Contract,
  operations: readonly ApiOperation[],
  { module, reads, taken }: FieldReading,
): ImportedModule => {
  const reader = contractTypes(contract, taken.types);
  const names = namePool(taken.fields);
  const skipped: { operation: string; reason: string }[] = [];
  const fields = operations.flatMap((operation): RootField[] => {
    try {
      const isRead = operation.method === 'get' || reads.has(operation);
      const field = readField(reader, operation, isRead);
      return [{ ...field, name: names.take(...rootFieldNames(operation, module)) }];
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      skipped.push({ operation: labelOf(operation), reason: error.message });
      return [];
    }
  });
  const { document } = contract;
  return {
    name: module,
    title: textIn(jsonIn(document.info).title) ?? module,
    servers: listIn(document.servers).flatMap((server) => textIn(jsonIn(server).url) ?? []),
    definitions: reader.definitions,
    avoided: reader.names.avoided,
    fields,
    loaders: loadersOf(reader.definitions, fields),
    security: securityNotes(contract, module),
    options: [],
    secrets: [],
    errorFormat: errorFormatOf(reader, operations),
    skipped,
  };
};
