import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
  isUnionType,
  Kind,
} from 'graphql';
import { fieldName, namePool, singularOf, typeName } from '../names/names.ts';
import type { SchemaLoader, SchemaRootField } from './imported-schema.ts';

const KEYS = new Set(['ID', 'String', 'Int']);

const isKey = (type: GraphQLObjectType, name: string): boolean => {
  const field = type.getFields()[name];
  const of = field && getNullableType(field.type);
  return isScalarType(of) && KEYS.has(of.name) && field?.args.length === 0;
};

/** The key field of a row for an argument: of its name, or `id` for `filmID`. */
const keyOf = (type: GraphQLObjectType, argument: string): string | null => {
  if (isKey(type, argument)) return argument;
  const own = new RegExp(`^(${type.name}|)_?id$`, 'i');
  return own.test(argument) && isKey(type, 'id') ? 'id' : null;
};

const isScalarArgument = ({ type }: GraphQLArgument): boolean => {
  const of = getNullableType(type);
  return isScalarType(of) && KEYS.has(of.name);
};

const isListArgument = ({ type }: GraphQLArgument): boolean => {
  const of = getNullableType(type);
  return isListType(of) && isScalarType(getNullableType(of.ofType));
};

const hasOthers = (args: readonly GraphQLArgument[], argument: GraphQLArgument): boolean =>
  args.some((one) => one !== argument && isRequiredArgument(one));

const bulkCall = ({ root, field }: SchemaRootField): Omit<SchemaLoader, 'name'> | null => {
  const type = getNamedType(field.type);
  if (root === 'Mutation' || !isListType(getNullableType(field.type)) || !isObjectType(type)) return null;
  for (const argument of field.args) {
    const key = isListArgument(argument) ? keyOf(type, singularOf(argument.name)) : null;
    if (key === null || hasOthers(field.args, argument)) continue;
    return { type: type.name, key, by: { field: field.name, argument: argument.name, isList: true } };
  }
  return null;
};

const singleCall = ({ root, field }: SchemaRootField): Omit<SchemaLoader, 'name'> | null => {
  const type = getNullableType(field.type);
  if (root === 'Mutation' || !isObjectType(type)) return null;
  const argument = field.args.find((one) => isScalarArgument(one) && keyOf(type, one.name) !== null);
  const key = argument && keyOf(type, argument.name);
  if (argument === undefined || !key || hasOthers(field.args, argument)) return null;
  return { type: type.name, key, by: { field: field.name, argument: argument.name, isList: false } };
};

/** The key that `@key(fields: "id")` declares, or the field `id`. */
const entityKey = (type: GraphQLObjectType): string | null => {
  const nodes = [...(type.astNode ? [type.astNode] : []), ...type.extensionASTNodes];
  for (const directive of nodes.flatMap(({ directives }) => directives ?? [])) {
    const value = directive.arguments?.find(({ name }) => name.value === 'fields')?.value;
    if (directive.name.value === 'key' && value?.kind === Kind.STRING && isKey(type, value.value.trim()))
      return value.value.trim();
  }
  return isKey(type, 'id') ? 'id' : null;
};

/** Entities of a federated subgraph with one scalar key. */
const entities = (schema: GraphQLSchema): Omit<SchemaLoader, 'name'>[] => {
  const union = schema.getType('_Entity');
  const named = isUnionType(union) ? union.getTypes() : [];
  const declared = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ astNode }) => astNode?.directives?.some(({ name }) => name.value === 'key') === true);
  return [...new Set([...named, ...declared])].flatMap((type) => {
    const key = entityKey(type);
    return key === null ? [] : [{ type: type.name, key, by: null }];
  });
};

/** Types that a federated subgraph provides by `_entities`, and that a loader can load. */
export const entityTypes = (schema: GraphQLSchema): GraphQLNamedType[] =>
  entities(schema).flatMap(({ type }) => schema.getType(type) ?? []);

/** Proposes a loader for each type: by a list of keys, as an entity of a subgraph, or by one key. */
export const schemaLoaders = (
  schema: GraphQLSchema,
  fields: readonly SchemaRootField[],
  reached: ReadonlySet<string>,
): SchemaLoader[] => {
  const pool = namePool();
  const seen = new Set<string>();
  const found = [
    ...fields.flatMap((field) => bulkCall(field) ?? []),
    ...entities(schema),
    ...fields.flatMap((field) => singleCall(field) ?? []),
  ];
  return found.flatMap((loader) => {
    if (seen.has(loader.type) || !reached.has(loader.type)) return [];
    seen.add(loader.type);
    return [{ ...loader, name: pool.take(fieldName(`${typeName(loader.type)} by ${loader.key}`)) }];
  });
};
