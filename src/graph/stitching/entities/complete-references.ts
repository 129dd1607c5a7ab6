import { type GraphQLObjectType, type GraphQLResolveInfo, getNullableType, isLeafType, isNonNullType } from 'graphql';
import type { SchemaModule } from '../../../backend/define/module.ts';
import type { MergeShape } from '../../../backend/define/schema-types.ts';
import { leafOf } from '../../../execution/plan/leaf-types.ts';
import { isReference } from '../../../execution/reference.ts';
import { isAbsence, noSuchEntity } from '../../../execution/run/field-failure.ts';
import { withValues } from '../../../execution/run/values.ts';
import { rootCause } from '../../apollo/root-cause.ts';
import type { ReadModule } from '../../compose/composition.ts';
import { fieldsIn, keyFields } from '../../compose/sdl.ts';
import type { ExecutionContext } from '../../execution-context.ts';
import type { ExecutableResolver } from '../executable-resolver.ts';
import { type LoadedRows, loaderIn, loadSelected } from '../remote-fields.ts';
import { propertyResolver } from '../resolvers.ts';
import { internalKeys } from './internal-keys.ts';

type Values = Readonly<Record<string, unknown>>;

type Loaded = MergeShape & { readonly load: string };

/** The key for a loader: the value of the only key field, or an object of several. */
const loaderKey = (merge: MergeShape, values: Values): unknown => {
  const fields = keyFields(merge);
  const [single] = fields;
  return fields.length === 1 && single !== undefined
    ? values[single]
    : Object.fromEntries(fields.map((field) => [field, values[field]]));
};

/**
 * Loads an entity by its key values; null for an unknown key. `values` may contain further fields. `info` selects its
 * fields.
 */
export const loadEntity = async (
  module: SchemaModule,
  merge: Loaded,
  values: Values,
  context: ExecutionContext,
  info: GraphQLResolveInfo,
  rows: LoadedRows,
): Promise<object | null> => {
  const loader = loaderIn(module, merge.load, context);
  const row = await loadSelected(module, loader, loaderKey(merge, values), rows, info).catch((error: unknown) => {
    if (isAbsence(error)) return null;
    throw rootCause(error); // without the path of the wrapping error
  });
  // The key overwrites fields of the row, so that a backend may omit or rename them.
  return row === null || row === undefined ? null : withValues(Object(row), values);
};

/**
 * Reads the key of a reference through its fields, serialized as for clients, because other modules receive it in this
 * form. Null if a key field is null.
 */
const keyOf = async (
  type: GraphQLObjectType,
  merge: MergeShape,
  read: (field: string) => unknown,
): Promise<Values | null> => {
  const key: Record<string, unknown> = {};
  for (const field of keyFields(merge)) {
    const declared = type.getFields()[field]?.type;
    const value = await read(field);
    if (value === null || value === undefined) {
      if (isNonNullType(declared)) throw new TypeError(`Cannot return null for non-nullable field ${type}.${field}.`);
      return null;
    }
    const leaf = getNullableType(declared);
    key[field] = isLeafType(leaf) ? leafOf(leaf).serialize(value) : value;
  }
  return key;
};

/** Wraps the resolver of an entity's field: a row that is a reference is loaded before the field is read. */
const completing =
  (
    { module }: ReadModule,
    merge: Loaded,
    resolve: ExecutableResolver,
    resolverOf: (field: string) => ExecutableResolver,
  ): ExecutableResolver =>
  async (parent, args, context, info) => {
    if (!isReference(parent, keyFields(merge))) return resolve(parent, args, context, info);
    const { parentType: type, schema, returnType } = info;
    const key = await keyOf(type, merge, (field) => resolverOf(field)(parent, {}, context, info));
    const values = key === null ? null : internalKeys(schema, type.name, merge)(key);
    const row = values === null ? null : await loadEntity(module, merge, values, context, info, 'parent');
    if (row !== null) return resolve(row, args, context, info);
    if (isNonNullType(returnType)) throw noSuchEntity();
    return null;
  };

/**
 * Wraps the fields of an entity that is loaded by key. Key fields are left out: every reference has them. All fields of
 * one reference share one load, and all references of one wave share one call.
 */
export const completeReferences = (
  read: ReadModule,
  type: string,
  merge: MergeShape,
  fields: Record<string, Record<string, ExecutableResolver>>,
): void => {
  const { load } = merge;
  if (load === undefined) return;
  const keys = keyFields(merge);
  const own = { ...fields[type] };
  const resolverOf = (field: string) => own[field] ?? propertyResolver(field);
  const names = fieldsIn(read.sdl, type).map(([field]) => field);
  const completed = names
    .filter((field) => !keys.includes(field))
    .map((field) => [field, completing(read, { ...merge, load }, resolverOf(field), resolverOf)] as const);
  fields[type] = { ...own, ...Object.fromEntries(completed) };
};
