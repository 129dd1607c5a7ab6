import type { MessageType } from '../../../../protobuf/type-model.ts';
import type { ImportedField, ImportedType } from '../../imported-graph.ts';
import { fieldName, wordsOfName } from '../../names/names.ts';
import type { MessageField, ProtoPages } from '../imported-service.ts';

/** The field of a message that a part is, if it is no oneof. */
export const singleField = ({ part }: MessageField) => (part.kind === 'field' ? part.field : null);

const scalarNamed = (
  fields: readonly MessageField[],
  names: RegExp,
  scalars: readonly string[],
): MessageField | undefined =>
  fields.find(
    (field) =>
      names.test(field.property) &&
      field.part.kind === 'field' &&
      field.type.kind === 'scalar' &&
      scalars.includes(field.type.name),
  );

/** The only field with a list of objects. */
export const rowsOf = (fields: readonly MessageField[]): MessageField | null => {
  const lists = fields.filter(({ type }) => type.kind === 'list' && type.item.kind === 'object');
  return lists.length === 1 ? (lists[0] ?? null) : null;
};

/** Recognises pages of a list by the fields of AIP-158. */
export const protoPages = (
  request: readonly MessageField[],
  response: readonly MessageField[],
): Omit<ProtoPages, 'connection'> | null => {
  const size = scalarNamed(request, /^(pageSize|maxResults|maxPageSize|limit|perPage)$/, ['Int', 'BigInt']);
  const token = scalarNamed(request, /^(pageToken|cursor|pageCursor|nextPageToken)$/, ['String']);
  const next = scalarNamed(response, /^(nextPageToken|nextCursor|nextPageCursor|nextToken)$/, ['String']);
  const rows = rowsOf(response);
  if (size === undefined || token === undefined || next === undefined || rows === null) return null;
  const total = scalarNamed(response, /^(totalSize|totalCount|total|totalResults)$/, ['Int', 'BigInt']);
  return {
    size: size.property,
    token: token.property,
    rows,
    next: next.property,
    total:
      total === undefined
        ? null
        : { name: total.property, isText: total.type.kind === 'scalar' && total.type.name === 'BigInt' },
  };
};

/** The field that a response such as `GetBookResponse { Book book = 1; }` wraps; null for other messages. */
export const unwrappedField = ({ path }: MessageType, fields: readonly MessageField[]): MessageField | null => {
  const [field, ...others] = fields;
  if (field === undefined || others.length > 0 || field.part.kind === 'oneof') return null;
  return /(Response|Reply|Result|Resp)$/.test(path.at(-1) ?? '') ? field : null;
};

/** The field of a request with the mask of the fields to read (AIP-157). */
export const maskField = (fields: readonly MessageField[]): MessageField | null =>
  fields.find((field) => {
    const { type } = singleField(field) ?? {};
    return (
      typeof type === 'object' &&
      type.kind === 'message' &&
      type.wellKnown === 'mask' &&
      /^(read|field|fields)?Mask$|^fields$/.test(field.property)
    );
  }) ?? null;

const VERBS = /^(Get|List|Search|Find|Lookup|Fetch|Read|Describe)$/;

/** Candidates for the name of a root field, best first: `GetBook` is `book`. */
export const methodFieldNames = (
  method: string,
  isRead: boolean,
  upstream: string,
  module: string,
): [string, ...string[]] => {
  const full = fieldName(method);
  const [verb = '', ...others] = wordsOfName(method);
  const noun =
    isRead && VERBS.test(verb) && verb !== 'Search' && others.length > 0 ? fieldName(others.join(' ')) : full;
  return [noun, full, fieldName(`${upstream} ${full}`), fieldName(`${module} ${upstream} ${full}`)];
};

/** The name of an object type; null for other types. */
export const objectName = (type: ImportedType | null): string | null => (type?.kind === 'object' ? type.name : null);

/** True for a scalar that identifies a row. */
export const isKeyType = ({ type }: Pick<ImportedField, 'type'>): boolean =>
  type.kind === 'scalar' && ['ID', 'String', 'Int'].includes(type.name);
