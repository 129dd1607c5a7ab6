import { fieldName, namePool, singularOf } from '../../names/names.ts';
import type { MessageField, MessageObject, ProtoLoader, ProtoRootField } from '../imported-service.ts';
import { isKeyType, objectName, singleField } from './method-fields.ts';

/** The key field of a row for a parameter: of its name, `id` for `bookId`, or `name` of a resource (AIP-122). */
const keyFieldOf = (row: MessageObject, parameter: string): MessageField | undefined => {
  const named = (name: string) =>
    row.fields.find((field) => field.property === name && singleField(field)?.kind === 'single' && isKeyType(field));
  return named(parameter) ?? (/(Id|ID)$/.test(parameter) ? named('id') : undefined);
};

const isOptional = ({ isRequired }: { readonly isRequired: boolean }): boolean => !isRequired;

interface Found extends Pick<ProtoLoader, 'kind' | 'parameter' | 'rows'> {
  readonly row: MessageObject;
  readonly key: MessageField;
  readonly field: ProtoRootField;
}

const sameScalar = (one: MessageField['type'], other: MessageField['type']): boolean =>
  one.kind === 'scalar' && other.kind === 'scalar' && one.name === other.name;

/** A method that returns one row by one key: `GetBook(id)`. */
const singleCall = (field: ProtoRootField, rowNamed: (name: string) => MessageObject | undefined): Found | null => {
  const row = rowNamed(objectName(field.result.type) ?? '');
  // Arguments besides the key may be a view or a language, which have defaults.
  const keys = field.args.filter(({ part }) => part.kind === 'field' && part.field.kind === 'single');
  const [parameter] = keys.filter(isKeyType);
  if (row === undefined || parameter?.part.kind !== 'field' || /(Response|Reply|Result)$/.test(row.name)) return null;
  if (field.args.some((argument) => argument !== parameter && !isOptional(argument))) return null;
  const key = keyFieldOf(row, parameter.part.field.name);
  if (key === undefined || !sameScalar(key.type, parameter.type)) return null;
  return {
    kind: 'each',
    parameter: parameter.part.field.name,
    rows: field.unwrapped?.property ?? null,
    row,
    key,
    field,
  };
};

/** A method that returns a list of rows by a list of keys: `BatchGetBooks(ids)`. */
const bulkCall = (field: ProtoRootField, rowNamed: (name: string) => MessageObject | undefined): Found | null => {
  const { unwrapped, pages, args } = field;
  if (pages !== null || unwrapped?.type.kind !== 'list') return null;
  const row = rowNamed(objectName(unwrapped.type.item) ?? '');
  if (row === undefined) return null;
  for (const argument of args) {
    const { part, type } = argument;
    if (part.kind !== 'field' || part.field.kind !== 'list' || type.kind !== 'list') continue;
    const key = keyFieldOf(row, singularOf(part.field.name));
    const isOwn = key !== undefined && (key.property !== 'id' || isIdOf(row, part.field.name));
    if (!isOwn || !sameScalar(key.type, type.item) || args.some((one) => one !== argument && !isOptional(one)))
      continue;
    return { kind: 'batch', parameter: part.field.name, rows: unwrapped.property, row, key, field };
  }
  return null;
};

/** True for `ids` and `bookIds` of a Book, not for `authorIds`. */
const isIdOf = ({ name }: MessageObject, parameter: string): boolean =>
  ['ids', `${name}Ids`.toLowerCase()].includes(parameter.toLowerCase());

/**
 * Proposes a loader for each type with a method by one key, or by a list of keys. The list wins: it is one call for all
 * keys.
 */
export const serviceLoaders = (fields: readonly ProtoRootField[], objects: readonly MessageObject[]): ProtoLoader[] => {
  const rowNamed = (name: string) => objects.find((one) => one.name === name && one.side === 'output');
  const reads = fields.filter(({ isRead }) => isRead);
  const bulk = reads.flatMap((field) => bulkCall(field, rowNamed) ?? []);
  const single = reads.flatMap((field) => singleCall(field, rowNamed) ?? []);
  const pool = namePool();
  const seen = new Set<string>();
  return [...bulk, ...single].flatMap(({ kind, parameter, rows, row, key, field }): ProtoLoader[] => {
    if (seen.has(row.name)) return [];
    seen.add(row.name);
    const root = single.find(
      (one) => one.row === row && one.key.name === key.name && one.field.args.length === 1 && one.field.mask === null,
    );
    return [
      {
        name: pool.take(fieldName(`${row.name} by ${key.name}`), fieldName(`${row.name} loader`)),
        kind,
        upstream: field.upstream,
        route: field.route,
        call: field.call,
        parameter,
        keyType: key.type.kind === 'scalar' && key.type.name === 'Int' ? 'number' : 'string',
        type: row.name,
        key: key.name,
        keyProperty: key.property,
        rows,
        field: root?.field.name ?? null,
      },
    ];
  });
};
