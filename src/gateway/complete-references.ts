import { type GraphQLObjectType, getNullableType, isLeafType, isNonNullType } from 'graphql';
import type { SchemaModule } from '../backend/module.ts';
import type { MergeShape } from '../backend/schema-types.ts';
import { isAbsence, noSuchEntity } from '../execution/failure.ts';
import { withValues } from '../execution/plain.ts';
import { isReference } from '../execution/reference.ts';
import { leafOf } from '../execution/shape.ts';
import type { ReadModule } from './composition.ts';
import type { ExecutionContext } from './execution-context.ts';
import { internalKeys } from './internal-keys.ts';
import { type ExecutableResolver, propertyResolver } from './resolvers.ts';
import { rootCause } from './root-cause.ts';
import { fieldsIn, keyFields } from './sdl.ts';

type Values = Readonly<Record<string, unknown>>;

type Loaded = MergeShape & { readonly load: string };

/** The key that a loader takes: the value of one key field, or an object of several. */
const loaderKey = (merge: MergeShape, values: Values): unknown => {
  const fields = keyFields(merge);
  const [single] = fields;
  return fields.length === 1 && single !== undefined
    ? values[single]
    : Object.fromEntries(fields.map((field) => [field, values[field]]));
};

/** Loads an entity by the values of its key; null for one that the module does not know. `given` may have other fields, too. */
export const loadEntity = async (
  module: SchemaModule,
  merge: Loaded,
  given: Values,
  context: ExecutionContext,
): Promise<object | null> => {
  const loader = context.backend(module.name).loaders[merge.load];
  if (loader === undefined) throw new Error(`${module.name} has no loader "${merge.load}"`);
  const row = await loader.load(loaderKey(merge, given)).catch((error: unknown) => {
    if (isAbsence(error)) return null;
    throw rootCause(error); // which brings no path along
  });
  // The key is written over the row: a backend that names it otherwise, or not at all, changes nothing.
  return row === null || row === undefined ? null : withValues(Object(row), given);
};

/** Reads the key of a reference as another module gets it: through its fields, as clients see them. Null where a part is null. */
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

/** A resolver of an entity's field for rows that may be references: the entity is loaded before its field is read. */
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
    const given = key === null ? null : internalKeys(schema, type.name, merge)(key);
    const row = given === null ? null : await loadEntity(module, merge, given, context);
    if (row !== null) return resolve(row, args, context, info);
    if (isNonNullType(returnType)) throw noSuchEntity();
    return null;
  };

/**
 * Puts completion in front of the fields of an entity that is loaded by key, except for the key fields, which are on every reference.
 * All fields of one reference share one load, and all references of a wave one call.
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
  const given = { ...fields[type] };
  const resolverOf = (field: string) => given[field] ?? propertyResolver(field);
  const names = fieldsIn(read.sdl, type).map(([field]) => field);
  const completed = names
    .filter((field) => !keys.includes(field))
    .map((field) => [field, completing(read, { ...merge, load }, resolverOf(field), resolverOf)] as const);
  fields[type] = { ...given, ...Object.fromEntries(completed) };
};
