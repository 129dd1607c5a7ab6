import type { Definition, ImportedField } from '../../imported-graph.ts';
import { fieldName, namePool, singularOf, typeName } from '../../names/names.ts';
import type { ImportedLoader, RootField } from '../imported-module.ts';

const objectFields = (definitions: readonly Definition[], name: string): readonly ImportedField[] => {
  const found = definitions.find((definition) => definition.name === name);
  return found?.kind === 'object' ? found.fields : [];
};

/** The field of a row with the key of a loader: of the parameter's name, or `id` for a parameter such as `petId`. */
const keyField = (fields: readonly ImportedField[], parameter: string): string | null => {
  const isKey = ({ type }: ImportedField) => type.kind === 'scalar' && (type.name === 'ID' || type.name === 'String');
  const named = fields.find((field) => field.name === fieldName(parameter) && isKey(field));
  const id = fields.find((field) => field.name === 'id' && isKey(field));
  return (named ?? (/id$/i.test(parameter) ? id : undefined))?.name ?? null;
};

/** True for a parameter with many keys of a type: `ids`, `bookIds` of a Book, `isbns` for the key `isbn`. Not `authorIds`. */
const hasKeys = (parameter: string, type: string, key: string): boolean => {
  const name = fieldName(parameter);
  return (
    name === `${key}s` || (key === 'id' && [`${type.toLowerCase()}ids`, 'idlist', 'idin'].includes(name.toLowerCase()))
  );
};

type BulkCall = Pick<ImportedLoader, 'path' | 'parameter' | 'style' | 'response' | 'pages'>;

/** The list call next to a call by id, with a parameter for many ids. */
const bulkCall = (fields: readonly RootField[], path: string, type: string, key: string): BulkCall | null => {
  const parent = path.replace(/\/\{[^{}]+\}$/, '');
  for (const list of fields) {
    if (list.method !== 'get' || list.path !== parent || list.result.type === null) continue;
    const keys = list.args.find(({ parameter, place }) => place === 'query' && hasKeys(parameter, type, key));
    const hasOthers = list.args.some((argument) => argument !== keys && argument.isRequired);
    const { type: response } = list.result;
    const item = list.pages?.item ?? (response.kind === 'list' ? response.item : null);
    if (keys === undefined || hasOthers || item?.kind !== 'object' || item.name !== type) continue;
    return {
      path: parent,
      parameter: keys.parameter,
      style: keys.type.kind === 'list' && keys.style !== 'comma' ? null : 'comma',
      response,
      pages: list.pages,
    };
  }
  return null;
};

/** Proposes a loader for each type with a call by one id: one call for all keys if the list has a parameter for them. */
export const loadersOf = (definitions: readonly Definition[], fields: readonly RootField[]): ImportedLoader[] => {
  const pool = namePool();
  const seen = new Set<string>();
  return fields.flatMap((field): ImportedLoader[] => {
    const { type } = field.result;
    const [parameter, ...others] = field.args.filter(({ place }) => place === 'path');
    if (field.method !== 'get' || type?.kind !== 'object' || parameter === undefined || others.length > 0) return [];
    if (field.pages !== null) return [];
    if (
      !field.path.endsWith(`/{${parameter.parameter}}`) ||
      parameter.type.kind !== 'scalar' ||
      parameter.type.name === 'DateTime' ||
      parameter.type.name === 'Date'
    )
      return [];
    if (field.args.some((argument) => argument !== parameter && argument.isRequired)) return [];
    const key = keyField(objectFields(definitions, type.name), parameter.parameter);
    if (seen.has(type.name)) return [];
    seen.add(type.name);
    // The contract may leave open that a row has its id; a row that is found by the id has one.
    for (const one of objectFields(definitions, type.name)) if (one.name === key) one.isRequired = true;
    const bulk = key === null ? null : bulkCall(fields, field.path, type.name, key);
    const shared = { type: type.name, key, field: field.args.length === 1 ? field.name : null };
    const name = pool.take(
      fieldName(`${typeName(type.name)} by ${key ?? parameter.parameter}`).replace(/^./, (first) =>
        first.toLowerCase(),
      ),
      `${fieldName(singularOf(field.name))}Loader`,
    );
    return bulk === null
      ? [
          {
            ...shared,
            name,
            kind: 'each',
            path: field.path,
            parameter: parameter.parameter,
            style: null,
            response: type,
            pages: null,
          },
        ]
      : [{ ...shared, ...bulk, name, kind: 'batch' }];
  });
};
