import { type GraphQLType, getNamedType, getNullableType, isInputObjectType, isListType, isObjectType } from 'graphql';
import { UpstreamError } from '../../core/errors.ts';
import type { BoundGraphqlClient, ServiceOperation } from '../bind/graphql-client.ts';
import type { Found } from '../define/batch.ts';
import { USUAL_SCALARS } from '../define/scalars/built-in-scalars.ts';
import { nullingError, placeErrors } from './place-errors.ts';
import { keyText, keyValues } from './remote-batch.ts';
import type { RemoteLoad } from './remote-load.ts';
import type { GraphqlService } from './service.ts';
import type { ReadSite, ServiceSelection } from './service-selection.ts';

/** Operations that load rows with one selection, and the way to read their rows. */
interface RowOperations {
  /** True if each key is requested by its own field. */
  readonly isOneByOne: boolean;
  /** The key as the service receives it: scalars have their form for clients. */
  readonly sent: (key: unknown) => unknown;
  /** The operation for a number of keys. */
  readonly operation: (count: number) => ServiceOperation;
}

/** Keys of one operation if each key is a field of it. */
const MAX_ALIASES = 50;

/** Alias of a key field in a row. */
const keyAlias = (at: number): string => `key__${at}`;

const declared = (own: readonly string[], { declarations }: ServiceSelection): string =>
  `(${[...own, ...declarations].join(', ')})`;

/** Converts the values of keys from the internal values of the module's scalars. */
const sentKey = (
  service: GraphqlService,
  { keys }: RemoteLoad,
  typeOf: (name: string, at: number) => GraphQLType | undefined,
): RowOperations['sent'] => {
  const sentValue = (value: unknown, type: GraphQLType | undefined): unknown => {
    const { name = '' } = getNamedType(type) ?? {};
    const scalar = service.declaredScalar(name) ?? USUAL_SCALARS[name]?.type;
    return scalar === undefined ? value : scalar.serialize(value);
  };
  if (keys.length === 1) return (key) => sentValue(key, typeOf('', 0));
  return (key) =>
    Object.fromEntries(
      Object.entries(Object(key)).map(([name, value], at) => [name, sentValue(value, typeOf(name, at))]),
    );
};

const byField = (
  service: GraphqlService,
  load: RemoteLoad,
  { field, argument }: { readonly field: string; readonly argument: string },
  selection: ServiceSelection,
): RowOperations => {
  const definition = service.schema.getQueryType()?.getFields()[field];
  const type = definition?.args.find(({ name }) => name === argument)?.type;
  if (definition === undefined || type === undefined)
    throw new Error(`The service ${service.upstream} has no field Query.${field}(${argument}).`);
  const { keys } = load;
  const row = getNamedType(type);
  const sent = sentKey(service, load, (name) => (isInputObjectType(row) ? row.getFields()[name]?.type : row));
  const rowType = selection.type ?? getNamedType(definition.type).name;
  if (isListType(getNullableType(definition.type))) {
    const withKeys = `{ ${keys.map((key, at) => `${keyAlias(at)}: ${key}`).join(' ')} ... on ${rowType} ${selection.text} }`;
    const document = `query ${field}${declared([`$keys: ${type}`], selection)} { ${field}(${argument}: $keys) ${withKeys} }`;
    return { isOneByOne: false, sent, operation: () => ({ type: 'query', name: field, document }) };
  }
  const fragment = `fragment Row on ${rowType} ${selection.text}`;
  const operation = (count: number): ServiceOperation => {
    const numbers = Array.from({ length: count }, (_, at) => at);
    const fields = numbers.map((at) => `k${at}: ${field}(${argument}: $k${at}) { ...Row }`);
    const variables = declared(
      numbers.map((at) => `$k${at}: ${type}`),
      selection,
    );
    return { type: 'query', name: field, document: `query ${field}${variables} { ${fields.join(' ')} } ${fragment}` };
  };
  return { isOneByOne: true, sent, operation };
};

const ENTITIES = '_entities';

const byEntities = (
  service: GraphqlService,
  load: RemoteLoad,
  type: string,
  selection: ServiceSelection,
): RowOperations => {
  const entity = service.schema.getType(type);
  const fields = isObjectType(entity) ? entity.getFields() : {};
  const sent = sentKey(service, load, (_name, at) => fields[load.keys[at] ?? '']?.type);
  const variables = declared(['$keys: [_Any!]!'], selection);
  const document = `query ${ENTITIES}${variables} { ${ENTITIES}(representations: $keys) { ... on ${type} ${selection.text} } }`;
  return { isOneByOne: false, sent, operation: () => ({ type: 'query', name: ENTITIES, document }) };
};

const known = new WeakMap<ServiceSelection, RowOperations>();

/** The operations of a selection, memoized: it belongs to one loader, and lives as long as its plan. */
const operationsOf = (service: GraphqlService, load: RemoteLoad, selection: ServiceSelection): RowOperations => {
  const before = known.get(selection);
  if (before !== undefined) return before;
  const { by } = load;
  const made =
    by.is === 'entities' ? byEntities(service, load, by.type, selection) : byField(service, load, by, selection);
  const operations = new Map<number, ServiceOperation>();
  const memoized: RowOperations = {
    isOneByOne: made.isOneByOne,
    sent: made.sent,
    operation: (count) => {
      const operation = operations.get(made.isOneByOne ? count : 0) ?? made.operation(count);
      operations.set(made.isOneByOne ? count : 0, operation);
      return operation;
    },
  };
  known.set(selection, memoized);
  return memoized;
};

/** Maximum number of keys in one operation. */
export const maxKeys = (service: GraphqlService, load: RemoteLoad, selection: ServiceSelection): number =>
  load.maxSize ?? (operationsOf(service, load, selection).isOneByOne ? MAX_ALIASES : Number.POSITIVE_INFINITY);

/** The document that loads one key, for the text of a plan. */
export const rowDocument = (service: GraphqlService, load: RemoteLoad, selection: ServiceSelection): string =>
  operationsOf(service, load, selection).operation(1).document;

const representation = (type: string, names: readonly string[], key: unknown): object => {
  const values = keyValues(key, names);
  return { __typename: type, ...Object.fromEntries(names.map((name, at) => [name, values[at]])) };
};

const keyVariables = ({ by, keys: names }: RemoteLoad, isOneByOne: boolean, keys: readonly unknown[]): object => {
  if (isOneByOne) return Object.fromEntries(keys.map((key, at) => [`k${at}`, key]));
  return { keys: by.is === 'entities' ? keys.map((key) => representation(by.type, names, key)) : keys };
};

/** Rows by the text of their key. */
class FoundRows implements Found<unknown, unknown> {
  readonly #rows = new Map<string, unknown>();
  readonly isPartial: boolean;
  /** The error of keys without a row; undefined if they do not exist. */
  readonly #missing: Error | undefined;

  constructor(
    rows: Iterable<readonly [key: string | undefined, row: unknown]>,
    isPartial: boolean,
    missing: Error | undefined,
  ) {
    for (const [key, row] of rows) if (key !== undefined && !this.#rows.has(key)) this.#rows.set(key, row);
    this.isPartial = isPartial;
    this.#missing = missing;
  }

  get(key: unknown): unknown {
    return this.#rows.get(String(key)) ?? this.#missing;
  }
}

const keyOfRow = (row: unknown, { length }: readonly string[]): string =>
  keyText(Array.from({ length }, (_, at): unknown => Reflect.get(Object(row), keyAlias(at))));

/** The list of a response, with one item for each row or each key. */
const itemsOf = (data: unknown, name: string, site: ReadSite): readonly unknown[] => {
  const items: unknown = Reflect.get(Object(data), name);
  if (items instanceof Error) throw items;
  if (!Array.isArray(items)) throw new UpstreamError('UPSTREAM_BAD_RESPONSE', site, `${name} is no list`);
  return items;
};

/** A service, reached by one request. */
export interface ReachedService {
  readonly service: GraphqlService;
  readonly client: BoundGraphqlClient;
}

/** Loads the rows of keys with one selection, by one operation. */
export const loadRows = async (
  { service, client }: ReachedService,
  load: RemoteLoad,
  selection: ServiceSelection,
  variables: Readonly<Record<string, unknown>>,
  keys: readonly unknown[],
): Promise<Found<unknown, unknown>> => {
  const { isOneByOne, sent, operation: operationFor } = operationsOf(service, load, selection);
  const sentKeys = keys.map(sent);
  const operation = operationFor(keys.length);
  const answer = await client.execute(operation, {
    variables: { ...keyVariables(load, isOneByOne, sentKeys), ...variables },
  });
  const site: ReadSite = { ...client.siteOf(operation), isPartial: answer.errors.length > 0 };
  const unplaced = placeErrors(answer.data, answer.errors);
  if (answer.data === null || answer.data === undefined)
    throw unplaced[0] === undefined
      ? new UpstreamError('UPSTREAM_BAD_RESPONSE', site, 'the answer has no data')
      : nullingError(unplaced[0], 1);
  client.unplaced(unplaced);
  const read = (row: unknown): unknown => selection.read(row, site);
  const isByPosition = isOneByOne || load.by.is === 'entities';
  const items = isOneByOne
    ? keys.map((_, at): unknown => Reflect.get(Object(answer.data), `k${at}`))
    : itemsOf(answer.data, operation.name, site);
  const texts = keys.map((key) => keyText(keyValues(key, load.keys)));
  const textOf = new Map(sentKeys.map((key, at) => [keyText(keyValues(key, load.keys)), texts[at]]));
  const rows = items.map((item, at): readonly [string | undefined, unknown] => {
    if (isByPosition) return [texts[at], read(item)];
    return [textOf.get(keyOfRow(item, load.keys)), read(item)];
  });
  // An item that failed has no key: its error is that of every key without a row.
  const failed = isByPosition ? undefined : items.find((item) => item instanceof Error);
  const missing = failed instanceof Error ? failed : unplaced[0]?.error;
  return new FoundRows(rows, site.isPartial, missing);
};
