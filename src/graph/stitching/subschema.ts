import type { SubschemaConfig } from '@graphql-tools/delegate';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { filterSchema, MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  execute,
  type FieldDefinitionNode,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  isScalarType,
  parse,
  print,
} from 'graphql';
import { isEnumeration } from '../../backend/define/enumeration.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import type { MergeShape } from '../../backend/define/schema-types.ts';
import type { Composition, ReadModule } from '../compose/composition.ts';
import { leafTypesOf, undeclaredSdl } from '../compose/module-schema.ts';
import {
  computedEntryPoint,
  entryPoint,
  hasReservedName,
  KEY_SCALAR,
  keyAlias,
  needMarker,
} from '../compose/reserved-names.ts';
import { fieldsIn, keyFields, type ModuleSdl } from '../compose/sdl.ts';
import { withSdlDefaults } from '../compose/sdl-defaults.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { authorizeFields } from './authorization.ts';
import { completeReferences, loadEntity } from './entities/complete-references.ts';
import { entryInputs } from './entities/entry-inputs.ts';
import { internalKeys } from './entities/internal-keys.ts';
import { mergedTypeResolver } from './entities/merged-type-resolver.ts';
import type { ExecutableResolver } from './executable-resolver.ts';
import { withInputErrors } from './input-errors.ts';
import { addAliasedFields } from './remote-fields.ts';
import { executable, propertyResolver } from './resolvers.ts';
import { budgeted } from './transforms/budgeted.ts';
import { reportInvalidBuiltInValues, reportInvalidLeafValues } from './transforms/invalid-values.ts';

type Subgraph = SubschemaConfig<unknown, unknown, unknown, ExecutionContext>;

/** Passes any value unchanged: modules exchange keys within this process only. */
const keyScalar = new GraphQLScalarType({ name: KEY_SCALAR });

/** A key that an entry point receives, with the values of needed fields. */
type EntryKey = Readonly<Record<string, unknown>>;

/**
 * The entry points of a merged type: for its plain fields, and for fields with `needs`; the latter null if there are
 * none.
 */
const entriesOf = (module: SchemaModule, type: string, merge: MergeShape) => {
  const { keys, needs } = entryInputs(merge);
  const plain = { name: entryPoint(module.name, type), inputs: keys };
  const computed = { name: computedEntryPoint(module.name, type), inputs: [...keys, ...needs] };
  return { plain, computed: needs.length === 0 ? null : computed };
};

/** The resolver of an entry point. Returns one entity for each key, in the order of the keys. */
const entryResolver =
  (module: SchemaModule, type: string, merge: MergeShape): ExecutableResolver =>
  (_root, args, context, info) => {
    const keys: readonly EntryKey[] = args.keys;
    const internal = internalKeys(info.schema, type, merge);
    const { load } = merge;
    // One promise for each key, so that an unreadable key fails alone.
    return keys.map(async (received) => {
      const inputs = internal(received);
      return load === undefined ? inputs : loadEntity(module, { ...merge, load }, inputs, context, info, 'values');
    });
  };

/** A copy of a field for joins, without requirements and limits. */
const hiddenField = ({ name, arguments: args = [], type }: FieldDefinitionNode): string =>
  `${keyAlias(name.value)}${args.length === 0 ? '' : `(${args.map(print).join(' ')})`}: ${print(type)}`;

/** SDL that the gateway adds to a module's own. */
const hiddenSdl = (
  module: SchemaModule,
  sdl: ModuleSdl,
  joinInputs: ReadonlyMap<string, ReadonlySet<string>>,
): string => {
  const lines = [undeclaredSdl(sdl), `scalar ${KEY_SCALAR}`];
  for (const [type, fields] of joinInputs)
    for (const [field, node] of fieldsIn(sdl, type))
      if (fields.has(field)) lines.push(`extend type ${type} { ${hiddenField(node)} ${needMarker(field)}: Boolean }`);
  const entries = Object.entries(module.merge).flatMap(([type, merge]) => {
    const { plain, computed } = entriesOf(module, type, merge);
    return [plain, ...(computed === null ? [] : [computed])].map(
      ({ name }) => `${name}(keys: [${KEY_SCALAR}!]!): [${type}]!`,
    );
  });
  const alive = `${entryPoint(module.name, 'alive')}: Boolean`; // a schema needs a query field, which a module may not have
  const root = fieldsIn(sdl, 'Query').length === 0 ? 'type Query' : 'extend type Query';
  lines.push(`${root} { ${[alive, ...entries].join(' ')} }`);
  return lines.join('\n');
};

const resolversOf = (module: SchemaModule, sdl: ModuleSdl, joinInputs: ReadonlyMap<string, ReadonlySet<string>>) => {
  const fields: Record<string, Record<string, ExecutableResolver>> = { Query: {} };
  for (const [type, declared] of Object.entries(module.resolvers))
    if (!isScalarType(declared) && !isEnumeration(declared))
      fields[type] = Object.fromEntries(
        Object.entries(declared).map(([field, resolver]) => [field, executable(module, resolver)]),
      );
  addAliasedFields({ module, sdl }, fields, propertyResolver);
  for (const [type, merge] of Object.entries(module.merge)) {
    const { plain, computed } = entriesOf(module, type, merge);
    const resolve = entryResolver(module, type, merge);
    fields.Query = { ...fields.Query, [plain.name]: resolve, ...(computed && { [computed.name]: resolve }) };
  }
  for (const [type, merge] of Object.entries(module.merge)) completeReferences({ module, sdl }, type, merge, fields);
  for (const [type, names] of joinInputs)
    for (const [field] of fieldsIn(sdl, type))
      if (names.has(field)) {
        fields[type] ??= {};
        fields[type][keyAlias(field)] = fields[type][field] ?? propertyResolver(field);
      }
  return { [KEY_SCALAR]: keyScalar, ...leafTypesOf(module, sdl), ...fields };
};

/**
 * One subschema for stitching. Executed on the whole schema of the module, because the part may lack fields that an
 * interface requires.
 */
const subschema = (
  name: string,
  { part, whole }: { readonly part: GraphQLSchema; readonly whole: GraphQLSchema },
  merge: Subgraph['merge'],
): Subgraph => ({
  name,
  schema: part,
  merge: merge ?? {},
  executor: async ({ document, variables, context }) => {
    const result = await execute({ schema: whole, document, variableValues: variables, contextValue: context });
    // graphql-js and graphql-tools have different types for the same result.
    return reportInvalidBuiltInValues(withInputErrors(result)) as never;
  },
});

const withoutInterfaces = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) => new GraphQLObjectType({ ...type.toConfig(), interfaces: [] }),
  });

/** A module as an executable schema: with its resolvers, and the hidden fields for joins. */
const executableSchema = ({ module, sdl }: ReadModule, { joinInputs }: Composition): GraphQLSchema =>
  withSdlDefaults(
    makeExecutableSchema({
      typeDefs: [sdl.document, parse(hiddenSdl(module, sdl, joinInputs))],
      resolvers: resolversOf(module, sdl, joinInputs),
      resolverValidationOptions: { requireResolversToMatchSchema: 'ignore' },
    }),
  );

/**
 * A module as subschemas for stitching, with a join for each merged type. Computed fields that need fields of other
 * modules form a second subschema. Its join starts once these are known. `limitFields` adds the rate limits.
 */
export const subschemasOf = (
  read: ReadModule,
  composition: Composition,
  limitFields: (schema: GraphQLSchema) => GraphQLSchema,
): readonly Subgraph[] => {
  const { module } = read;
  const { authorization } = composition;
  // Authorization is outside the rate limit: a refused field consumes none.
  const wrapped = budgeted(authorizeFields(limitFields(executableSchema(read, composition)), authorization));
  const schema = reportInvalidLeafValues(withSdlDefaults(wrapped));
  const plain: NonNullable<Subgraph['merge']> = {};
  const computed: NonNullable<Subgraph['merge']> = {};
  for (const [type, merge] of Object.entries(module.merge)) {
    const entries = entriesOf(module, type, merge);
    const required = keyFields(merge);
    plain[type] = mergedTypeResolver(
      { entry: entries.plain.name, inputs: entries.plain.inputs, required },
      authorization,
    );
    if (entries.computed !== null)
      computed[type] = mergedTypeResolver(
        { entry: entries.computed.name, inputs: entries.computed.inputs, required },
        authorization,
      );
  }
  if (Object.keys(computed).length === 0) return [subschema(module.name, { part: schema, whole: schema }, plain)];

  const isComputed = (type: string, field: string) => Object.hasOwn(module.merge[type]?.needs ?? {}, field);
  const computedEntries = new Set(Object.keys(computed).map((type) => computedEntryPoint(module.name, type)));
  const without = filterSchema({
    schema,
    rootFieldFilter: (_operation, field = '') => !computedEntries.has(field),
    objectFieldFilter: (type, field = '') => !isComputed(type, field),
  });
  const only = pruneSchema(
    filterSchema({
      schema: withoutInterfaces(schema),
      rootFieldFilter: (_operation, field = '') => computedEntries.has(field),
      objectFieldFilter: (type, field = '') =>
        !Object.hasOwn(computed, type) || isComputed(type, field) || hasReservedName(field),
    }),
  );
  return [
    subschema(module.name, { part: without, whole: schema }, plain),
    subschema(`${module.name} (computed)`, { part: only, whole: schema }, computed),
  ];
};
