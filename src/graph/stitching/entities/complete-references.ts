import { type GraphQLObjectType, type GraphQLResolveInfo, getNullableType, isLeafType, isNonNullType } from 'graphql';
import type { SchemaModule } from '../../../backend/define/module.ts';
import type { MergeShape } from '../../../backend/define/schema-types.ts';
import { type EntityKey, entityKeys, keyFields, loaderKey } from '../../../backend/merge/entity-keys.ts';
import { leafOf } from '../../../execution/plan/leaf-types.ts';
import { isReference } from '../../../execution/reference.ts';
import { isAbsence, noSuchEntity } from '../../../execution/run/field-failure.ts';
import { withValues } from '../../../execution/run/values.ts';
import { rootCause } from '../../apollo/root-cause.ts';
import type { ReadModule } from '../../compose/composition.ts';
import { ownName } from '../../compose/reserved-names.ts';
import { fieldsIn } from '../../compose/sdl.ts';
import type { ExecutionContext } from '../../execution-context.ts';
import type { ExecutableResolver } from '../executable-resolver.ts';
import { type LoadedRows, loaderIn, loadSelected } from '../remote-fields.ts';
import { propertyResolver } from '../resolvers.ts';
import { internalKeys } from './internal-keys.ts';

type Values = Readonly<Record<string, unknown>>;

/** A key with a loader. */
export type LoadingKey = EntityKey & { readonly load: string };

export const hasLoader = (key: EntityKey): key is LoadingKey => key.load !== undefined;

/**
 * Loads an entity by its key values; null for an unknown key. `values` may contain further fields. `info` selects its
 * fields.
 */
export const loadEntity = async (
  module: SchemaModule,
  key: LoadingKey,
  values: Values,
  context: ExecutionContext,
  info: GraphQLResolveInfo,
  rows: LoadedRows,
): Promise<object | null> => {
  const loader = loaderIn(module, key.load, context);
  const row = await loadSelected(module, loader, loaderKey(key, values), rows, info).catch((error: unknown) => {
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
  { fields }: EntityKey,
  read: (field: string) => unknown,
): Promise<Values | null> => {
  const key: Record<string, unknown> = {};
  for (const field of fields) {
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

/** Wraps the resolver of an entity's field: a row that is a reference by one of the keys is loaded before. */
const completing =
  (
    { module }: ReadModule,
    { keys, names }: { readonly keys: readonly LoadingKey[]; readonly names: readonly string[] },
    resolve: ExecutableResolver,
    resolverOf: (field: string) => ExecutableResolver,
  ): ExecutableResolver =>
  async (parent, args, context, info) => {
    const by = keys.find(({ fields }) => isReference(parent, fields, names));
    const { parentType: type, schema, returnType, fieldName } = info;
    if (by === undefined || by.fields.includes(ownName(fieldName))) return resolve(parent, args, context, info);
    const key = await keyOf(type, by, (field) => resolverOf(field)(parent, {}, context, info));
    const values = key === null ? null : internalKeys(schema, type.name, by)(key);
    const row = values === null ? null : await loadEntity(module, by, values, context, info, 'parent');
    if (row !== null) return resolve(row, args, context, info);
    if (isNonNullType(returnType)) throw noSuchEntity();
    return null;
  };

/**
 * Wraps the fields of an entity that is loaded by key. All fields of one reference share one load, and all references of
 * one wave share one call.
 */
export const completeReferences = (
  read: ReadModule,
  type: string,
  merge: MergeShape,
  fields: Record<string, Record<string, ExecutableResolver>>,
): void => {
  const keys = entityKeys(merge).filter(hasLoader);
  if (keys.length === 0) return;
  const own = { ...fields[type] };
  const resolverOf = (field: string) => own[field] ?? propertyResolver(field);
  const names = fieldsIn(read.sdl, type).map(([field]) => field);
  const completed = names
    .filter((field) => keys.some(({ fields }) => !fields.includes(field))) // every reference has the others
    .map(
      (field) => [field, completing(read, { keys, names: keyFields(merge) }, resolverOf(field), resolverOf)] as const,
    );
  fields[type] = { ...own, ...Object.fromEntries(completed) };
};
