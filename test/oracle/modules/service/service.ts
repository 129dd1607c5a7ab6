import {
  buildASTSchema,
  execute,
  extendSchema,
  type GraphQLError,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  parse,
  validate,
} from 'graphql';
import type { AnyResolver } from '../../../../src/backend/define/module.ts';
import { USUAL_SCALARS } from '../../../../src/backend/define/scalars/built-in-scalars.ts';
import { GatewayError } from '../../../../src/core/errors.ts';
import type { Send } from '../../../../src/upstream/call.ts';
import { keyText } from '../entities.ts';
import { stampScalar } from '../leaves.ts';
import { loadersOf } from '../loaders.ts';
import type { LoaderModel } from '../model.ts';
import { resolversOf } from '../resolvers.ts';
import type { Values } from '../values.ts';
import { loaderField, ServiceNames } from './service-names.ts';
import { serviceSdl } from './service-sdl.ts';

type Loader = ReturnType<typeof loadersOf>[string];

/** The schema of a service, with scalars that have the module's values. */
const schemaOf = ({ module }: Values): GraphQLSchema => {
  const { definitions } = serviceSdl(module);
  const basis = definitions.filter(({ kind }) => kind !== Kind.OBJECT_TYPE_EXTENSION);
  const more = definitions.filter(({ kind }) => kind === Kind.OBJECT_TYPE_EXTENSION);
  const built = buildASTSchema({ kind: Kind.DOCUMENT, definitions: basis });
  const schema = more.length === 0 ? built : extendSchema(built, { kind: Kind.DOCUMENT, definitions: more });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type)) continue;
    const meaning = type.name === 'Stamp' ? stampScalar(module.name) : USUAL_SCALARS[type.name]?.type;
    if (meaning === undefined) continue;
    const { serialize, parseValue, parseLiteral } = meaning;
    Object.assign(type, { serialize, parseValue, parseLiteral });
  }
  return schema;
};

const property =
  (name: string): AnyResolver =>
  (parent, args, context, info) => {
    const value: unknown = Reflect.get(Object(parent), name);
    return typeof value === 'function' ? value.call(parent, args, context, info) : value;
  };

/** An input of the service with the module's names of its fields. */
const ownInput = (names: ServiceNames, type: GraphQLInputType, value: unknown): unknown => {
  if (value === null || value === undefined) return value;
  if (isNonNullType(type)) return ownInput(names, type.ofType, value);
  if (isListType(type)) return Array.isArray(value) ? value.map((item) => ownInput(names, type.ofType, item)) : value;
  if (!isInputObjectType(type)) return value;
  const fields = Object.entries(Object(value)).map(([name, inner]) => {
    const field = type.getFields()[name];
    return [names.ownField(name), field === undefined ? inner : ownInput(names, field.type, inner)];
  });
  return Object.fromEntries(fields);
};

const withOwnInputs =
  (names: ServiceNames, field: GraphQLField<unknown, unknown>, resolver: AnyResolver): AnyResolver =>
  (parent, args, context, info) => {
    const own = Object.entries(Object(args)).map(([name, value]) => {
      const type = field.args.find((one) => one.name === name)?.type;
      return [name, type === undefined ? value : ownInput(names, type, value)];
    });
    return resolver(parent, Object.fromEntries(own), context, info);
  };

/** Adds the resolvers of the module's fields, which are those of the plain module. */
const withFields = (schema: GraphQLSchema, values: Values): void => {
  const { module } = values;
  const names = new ServiceNames(module);
  for (const object of module.objects) {
    const type = schema.getType(names.type(object.name));
    if (!isObjectType(type)) continue;
    const own = resolversOf(values, object, true);
    for (const { name } of object.fields) {
      const field = type.getFields()[names.field(name)];
      const resolver = own[name];
      if (field === undefined) continue;
      const resolve = typeof resolver === 'function' ? resolver : property(name);
      field.resolve = withOwnInputs(names, field, resolve) as never;
    }
  }
  for (const type of Object.values(schema.getTypeMap()))
    if (isAbstractType(type)) type.resolveType = (row) => names.type(String(Reflect.get(Object(row), '__typename')));
};

type EntityLoader = Extract<LoaderModel, { readonly of: 'entity' }>;

const entityLoaders = ({ module }: Values): readonly EntityLoader[] =>
  module.loaders.flatMap((one) => (one.of === 'entity' ? [one] : []));

/** Loads keys by the plain module's loader. Records the document, by which equal keys may be loaded again. */
const loadWith =
  (values: Values, { name }: EntityLoader, loader: Loader | undefined) =>
  async (keys: readonly unknown[], document: string) => {
    const { world, module } = values;
    const maxSize = loader?.maxSize ?? 0;
    if (keys.length > maxSize) world.rejected.push(`${module.name}.${name} was called with ${keys.length} keys`);
    const before = world.asked.length;
    const found = await loader?.load(keys);
    for (const [at, one] of world.asked.entries())
      if (at >= before && one.what === 'loader' && one.keys === keys) world.asked[at] = { ...one, selection: document };
    return keys.map((key) => found?.get(loader?.keyOf(key) as never) ?? null);
  };

/** Adds the root fields that load entities. */
const withLoaders = (schema: GraphQLSchema, values: Values): void => {
  const names = new ServiceNames(values.module);
  const loaders = loadersOf(values);
  const fields = schema.getQueryType()?.getFields() ?? {};
  const all = entityLoaders(values);
  for (const loader of all) {
    const load = loadWith(values, loader, loaders[loader.name]);
    const field = fields[loaderField(loader.name)];
    if (field === undefined) continue;
    field.resolve = async (_root, { key, keys }, document: string) => {
      if (loader.by === 'one') return (await load([key], document))[0];
      const rows = await load(
        keys.map((one: unknown) => plainKey(one)),
        document,
      );
      // In another order, with null for some of the keys without a row.
      return rows.toReversed().filter((row, at) => row !== null || at % 2 === 0);
    };
  }
  const entities = fields._entities;
  if (entities === undefined) return;
  entities.resolve = (_root, { representations }, document: string) => {
    const [first] = representations;
    const given = Object.keys(Object(first))
      .filter((name) => name !== '__typename')
      .toSorted();
    const loader = all.find(
      ({ by, entity, key }) =>
        by === 'entities' &&
        names.type(entity) === Reflect.get(Object(first), '__typename') &&
        keyText(key.map((one) => names.field(one)).toSorted()) === keyText(given),
    );
    if (loader === undefined) throw new Error('There is no such entity.');
    const keys = representations.map((one: object) => {
      const parts = loader.key.map((name) => [name, parsedKey(schema, loader, names, name, one)] as const);
      return parts.length === 1 ? parts[0]?.[1] : Object.fromEntries(parts);
    });
    return loadWith(values, loader, loaders[loader.name])(keys, document);
  };
};

/** A key field of a representation, which has no type in the service. */
const parsedKey = (
  schema: GraphQLSchema,
  { entity }: EntityLoader,
  names: ServiceNames,
  field: string,
  given: object,
) => {
  const value: unknown = Reflect.get(given, names.field(field));
  const type = schema.getType(names.type(entity));
  const leaf = isObjectType(type) ? getNamedType(type.getFields()[names.field(field)]?.type) : undefined;
  return isLeafType(leaf) ? leaf.parseValue(value) : value;
};

/** Inputs of graphql-js have no prototype. */
const plainKey = (key: unknown): unknown => (typeof key === 'object' && key !== null ? { ...key } : key);

const formatted = ({ message, path, originalError }: GraphQLError): object => ({
  message,
  path,
  extensions: { code: originalError instanceof GatewayError ? originalError.code : 'INTERNAL_SERVER_ERROR' },
});

/** A GraphQL service, executed by graphql-js: the fields of a module, with the service's names. */
export const serviceOf = (values: Values): Send => {
  const schema = schemaOf(values);
  withFields(schema, values);
  withLoaders(schema, values);
  return async ({ message }) => {
    if (message.protocol !== 'rest') throw new Error('A service is called over HTTP.');
    const { query, variables, operationName } = JSON.parse(String(message.body));
    const document = parse(query);
    const invalid = validate(schema, document);
    values.world.rejected.push(
      ...invalid.map((error) => `the service of ${values.module.name}: ${error.message}: ${query}`),
    );
    const { data, errors } = await execute({
      schema,
      document,
      variableValues: variables,
      operationName,
      contextValue: query,
    });
    if (errors !== undefined) values.world.retract(query);
    const value: unknown = JSON.parse(JSON.stringify({ data, errors: errors?.map(formatted) }));
    return { status: 200, headers: {}, size: 0, value };
  };
};
