import type { Definition, ImportedField, ImportedType } from '../../imported-graph.ts';
import { type Json, jsonIn, numberIn } from '../../json.ts';
import { fieldName } from '../../names/names.ts';
import type { ImportedArgument, ImportedPages, ImportedResult } from '../imported-module.ts';
import type { TypeReader } from '../types/type-reading.ts';

const LIMIT = /^(limit|perPage|pageSize|pagesize|size|count|maxResults|pageLimit|itemsPerPage|take|top|max)$/;
const OFFSET = /^(offset|skip|startAt)$/;
const PAGE = /^(page|pageNumber|pageNo|pageIndex|currentPage)$/;
const TOKEN =
  /^(pageToken|nextToken|nextPageToken|cursor|nextCursor|continuationToken|continue|marker|after|pageCursor|page|exclusiveStartKey)$/;
const LAST_ROW = /^(startingAfter|afterId|sinceId)$/;
const BACKWARD = /^(endingBefore|before|beforeId|previousCursor|prevCursor)$/;

const ROWS = /^(data|items|results|values|records|entries|list|rows|objects|content|elements|resources)$/;
const NEXT =
  /^(nextCursor|nextPageToken|nextToken|continuationToken|continue|nextMarker|nextPageCursor|endCursor|cursor|next)$/;
const TOTAL = /^(total|totalCount|totalItems|totalElements|totalResults|totalRecords)$/;
const HAS_MORE = /^(hasMore|hasNext|hasNextPage|more)$/;

type Found = readonly [path: readonly string[], field: ImportedField];

/** Fields of an object type, and of the objects in it, one level deep. */
const fieldsOf = (definitions: readonly Definition[], type: ImportedType): Found[] => {
  const fields = (of: ImportedType): readonly ImportedField[] => {
    const found = of.kind === 'object' ? definitions.find(({ name }) => name === of.name) : undefined;
    return found?.kind === 'object' ? found.fields : [];
  };
  const top = fields(type).map((field): Found => [[field.property], field]);
  return [
    ...top,
    ...top.flatMap(([path, field]) => fields(field.type).map((inner): Found => [[...path, inner.property], inner])),
  ];
};

const isRows = (type: ImportedType): type is ImportedType & { readonly kind: 'list' } =>
  type.kind === 'list' && !type.isItemNullable && (type.item.kind === 'object' || type.item.kind === 'union');

const pathOf = (fields: readonly Found[], name: RegExp, scalars: readonly string[]): readonly string[] | null =>
  fields.find(
    ([, field]) => name.test(field.name) && field.type.kind === 'scalar' && scalars.includes(field.type.name),
  )?.[0] ?? null;

interface Rows {
  readonly rows: readonly string[];
  readonly item: ImportedType;
  readonly fields: readonly Found[];
}

/** The list in a response: the response itself, its only list, or its list of a usual name. */
const rowsOf = (definitions: readonly Definition[], type: ImportedType): Rows | null => {
  if (isRows(type)) return { rows: [], item: type.item, fields: [] };
  const fields = fieldsOf(definitions, type);
  const lists = fields.filter(([path, field]) => path.length === 1 && isRows(field.type));
  const [path, field] = (lists.length === 1 ? lists[0] : lists.find(([, { name }]) => ROWS.test(name))) ?? [];
  return path !== undefined && field !== undefined && isRows(field.type)
    ? { rows: path, item: field.type.item, fields }
    : null;
};

interface Candidate {
  readonly args: readonly ImportedArgument[];
  readonly result: ImportedResult;
  readonly response: Json;
  /** Schemas of the parameters, by name. */
  readonly schemas: ReadonlyMap<string, Json>;
  readonly connection: string;
}

const isNumber = (argument: ImportedArgument): boolean =>
  argument.type.kind === 'scalar' && ['Int', 'BigInt', 'Float'].includes(argument.type.name);

const isText = (argument: ImportedArgument): boolean =>
  argument.type.kind === 'scalar' && ['String', 'ID'].includes(argument.type.name);

const hasLink = ({ headers }: Json): boolean =>
  Object.keys(jsonIn(headers)).some((name) => name.toLowerCase() === 'link');

type Style = Pick<ImportedPages, 'style' | 'position' | 'next' | 'total' | 'hasMore' | 'cursor'>;

const styleOf = (
  definitions: readonly Definition[],
  { rows, item, fields }: Rows,
  { args, response }: Candidate,
): Style | null => {
  const query = args.filter(({ place }) => place === 'query');
  const find = (name: RegExp, is: (argument: ImportedArgument) => boolean) =>
    query.find((argument) => name.test(fieldName(argument.parameter)) && is(argument))?.parameter;
  const total = pathOf(fields, TOTAL, ['Int', 'BigInt', 'Float']);
  const hasMore = pathOf(fields, HAS_MORE, ['Boolean']);
  const next = pathOf(fields, NEXT, ['String', 'ID']);
  const shared = { total, hasMore, next: null, cursor: null };
  const [offset, page, token, last] = [
    find(OFFSET, isNumber),
    find(PAGE, isNumber),
    find(TOKEN, isText),
    find(LAST_ROW, isText),
  ];
  const position = page ?? token ?? last;
  if (hasLink(response) && position !== undefined) return { ...shared, style: 'link', position };
  if (token !== undefined && next !== null) return { ...shared, style: 'token', position: token, next };
  if (offset !== undefined) return { ...shared, style: 'offset', position: offset };
  if (page !== undefined) return { ...shared, style: 'page', position: page };
  const id = fieldsOf(definitions, item).find(
    ([path, field]) => path.length === 1 && field.name === 'id' && field.type.kind === 'scalar',
  );
  return last !== undefined && id !== undefined && (hasMore !== null || rows.length === 0)
    ? { ...shared, style: 'cursor', position: last, cursor: 'id' }
    : null;
};

/** Recognises the pages of a list; null for a response without pages. */
export const pagesOf = (reader: TypeReader, candidate: Candidate): ImportedPages | null => {
  const { args, result, schemas } = candidate;
  const found = result.type === null ? null : rowsOf(reader.definitions, result.type);
  if (found === null) return null;
  const style = styleOf(reader.definitions, found, candidate);
  const limit = args.find(
    (argument) => argument.place === 'query' && LIMIT.test(fieldName(argument.parameter)) && isNumber(argument),
  );
  // Without a size, only tokens and links continue at the right place.
  if (style === null || (limit === undefined && style.style !== 'token' && style.style !== 'link')) return null;
  const schema = schemas.get(limit?.parameter ?? '') ?? {};
  const maxSize = numberIn(schema.maximum);
  const size = numberIn(schema.default);
  const firstPage =
    style.style === 'page' && (schemas.get(style.position)?.default === 0 || schemas.get(style.position)?.minimum === 0)
      ? 0
      : 1;
  return {
    ...style,
    limit: limit?.parameter ?? null,
    firstPage,
    size:
      size !== null && size >= 1 && Number.isInteger(size) && (maxSize === null || size <= maxSize)
        ? size
        : maxSize !== null && maxSize < 20 && maxSize >= 1
          ? maxSize
          : null,
    maxSize: maxSize !== null && maxSize >= 1 && Number.isInteger(maxSize) ? maxSize : null,
    rows: found.rows,
    item: found.item,
    connection: candidate.connection,
  };
};

/** True for an argument that `first` and `after` replace. */
export const isPageArgument = ({ limit, position }: ImportedPages, { parameter, place }: ImportedArgument): boolean =>
  place === 'query' && (parameter === limit || parameter === position || BACKWARD.test(fieldName(parameter)));
