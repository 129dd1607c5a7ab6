import type { SubschemaConfig } from '@graphql-tools/delegate';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import {
  execute,
  type FieldDefinitionNode,
  GraphQLScalarType,
  type GraphQLSchema,
  isInputType,
  isScalarType,
  parse,
  print,
} from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import { isEnumeration } from '../../backend/define/scalars/enumeration.ts';
import type { MergeShape } from '../../backend/define/schema-types.ts';
import { type EntityKey, entityKeys, keyFields } from '../../backend/merge/entity-keys.ts';
import type { Composition, ReadModule } from '../compose/composition.ts';
import { leafTypesOf, undeclaredSdl } from '../compose/module-schema.ts';
import {
  computedEntryPoint,
  entryPoint,
  hasReservedName,
  KEY_SCALAR,
  keyAlias,
  keyEntryPoint,
  markedName,
  NAMESPACE_MARKER,
  needMarker,
  ownName,
} from '../compose/reserved-names.ts';
import { fieldsIn, type ModuleSdl } from '../compose/sdl.ts';
import { withSdlDefaults } from '../compose/sdl-defaults.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { authorizeFields } from './authorization.ts';
import { completeReferences, hasLoader, loadEntity } from './entities/complete-references.ts';
import { entryInputs } from './entities/entry-inputs.ts';
import { internalKeys } from './entities/internal-keys.ts';
import { mergedTypeResolver } from './entities/merged-type-resolver.ts';
import { requireNeeds } from './entities/require-needs.ts';
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
 * The entry points of a merged type for each key: for its plain fields, and for fields with `needs`; the latter null if
 * there are none.
 */
const entriesOf = (module: SchemaModule, type: string, merge: MergeShape) =>
  entityKeys(merge).map((key, at) => {
    const { keys, needs } = entryInputs(merge, key);
    const plain = { entry: keyEntryPoint(module.name, type, at), keys, needs: [], computed: [] };
    const computed = Object.keys(merge.needs ?? {}).flatMap((field) => [field, keyAlias(field)]);
    const computing = { entry: computedEntryPoint(plain.entry), keys, needs, computed };
    return { key, plain, computing: needs.length === 0 ? null : computing };
  });

/** The resolver of an entry point. Returns one entity for each key, in the order of the keys. */
const entryResolver =
  (module: SchemaModule, type: string, key: EntityKey): ExecutableResolver =>
  (_root, args, context, info) => {
    const keys: readonly EntryKey[] = args.keys;
    const internal = internalKeys(info.schema, type, key);
    // One promise for each key, so that an unreadable key fails alone.
    return keys.map(async (received) => {
      const inputs = internal(received);
      return hasLoader(key) ? loadEntity(module, key, inputs, context, info, 'values') : inputs;
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
  for (const [type, merge] of Object.entries(module.merge))
    if (keyFields(merge).length === 0) lines.push(`extend type ${type} { ${NAMESPACE_MARKER}: Boolean }`);
  const entries = Object.entries(module.merge).flatMap(([type, merge]) =>
    entriesOf(module, type, merge)
      .flatMap(({ plain, computing }) => [plain, ...(computing === null ? [] : [computing])])
      .map(({ entry }) => `${entry}(keys: [${KEY_SCALAR}!]!): [${type}]!`),
  );
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
  for (const [type, merge] of Object.entries(module.merge))
    for (const { key, plain, computing } of entriesOf(module, type, merge)) {
      const resolve = entryResolver(module, type, key);
      fields.Query = { ...fields.Query, [plain.entry]: resolve, ...(computing && { [computing.entry]: resolve }) };
    }
  for (const [type, merge] of Object.entries(module.merge)) {
    requireNeeds(type, merge, fields);
    completeReferences({ module, sdl }, type, merge, fields);
  }
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

/** A module as an executable schema: with its resolvers, and the hidden fields for joins. */
const executableSchema = ({ module, sdl }: ReadModule, { joinInputs }: Composition): GraphQLSchema =>
  withSdlDefaults(
    makeExecutableSchema({
      typeDefs: [sdl.document, parse(hiddenSdl(module, sdl, joinInputs))],
      resolvers: resolversOf(module, sdl, joinInputs),
      resolverValidationOptions: { requireResolversToMatchSchema: 'ignore' },
    }),
  );

/** A join that has a subschema of its own: only some fields of the type can be loaded by it. */
interface SeparateJoin {
  readonly title: string;
  readonly type: string;
  readonly entry: string;
  readonly config: NonNullable<Subgraph['merge']>[string];
  /** True for the fields that the join provides. */
  readonly provides: (field: string) => boolean;
}

/** Fields that an entity without a loader does not have, although other modules do, or those of another key. */
const lackedBy = (
  { module, sdl }: ReadModule,
  type: string,
  { fields, load }: EntityKey,
  { modules }: Composition,
): ReadonlySet<string> => {
  if (load !== undefined) return new Set();
  const others = modules.filter((other) => other.module !== module).flatMap((other) => fieldsIn(other.sdl, type));
  const names = fieldsIn(sdl, type).map(([field]) => field);
  const isLoaded = entityKeys(module.merge[type] ?? { keys: [] }).some(hasLoader);
  const elsewhere = new Set(isLoaded ? names : others.map(([field]) => field));
  const hasResolver = (field: string) => Object.hasOwn(module.resolvers[type] ?? {}, field);
  return new Set(names.filter((field) => !fields.includes(field) && elsewhere.has(field) && !hasResolver(field)));
};

/** The joins of a module: one for each key of a type, and one more for its computed fields. */
const joinsOf = (read: ReadModule, composition: Composition) => {
  const { module } = read;
  const plain: NonNullable<Subgraph['merge']> = {};
  const separate: SeparateJoin[] = [];
  for (const [type, merge] of Object.entries(module.merge)) {
    const isComputed = (field: string) => Object.hasOwn(merge.needs ?? {}, field);
    for (const [at, { key, plain: own, computing }] of entriesOf(module, type, merge).entries()) {
      const lacked = lackedBy(read, type, key, composition);
      const title = `${module.name} (${type} by ${key.fields.join(' ')})`;
      const provides = (field: string) =>
        !isComputed(field) && !lacked.has(ownName(field)) && !lacked.has(markedName(field));
      const config = mergedTypeResolver(own, composition.authorization);
      if (at === 0 && lacked.size === 0) plain[type] = config;
      else separate.push({ title, type, entry: own.entry, config, provides });
      if (computing !== null)
        separate.push({
          title: `${title}, computed`,
          type,
          entry: computing.entry,
          config: mergedTypeResolver(computing, composition.authorization),
          provides: (field) => isComputed(field) || (hasReservedName(field) && provides(field)),
        });
    }
  }
  return { plain, separate };
};

/**
 * A module as subschemas for stitching, with a join for each merged type. Further keys of a type, and computed fields
 * that need fields of other modules, have subschemas of their own. `limitFields` adds the rate limits.
 */
export const subschemasOf = (
  read: ReadModule,
  composition: Composition,
  limitFields: (schema: GraphQLSchema) => GraphQLSchema,
): readonly Subgraph[] => {
  const { module } = read;
  // Authorization is outside the rate limit: a refused field consumes none.
  const limited = limitFields(executableSchema(read, composition));
  const wrapped = budgeted(authorizeFields(limited, composition.authorization));
  const schema = reportInvalidLeafValues(withSdlDefaults(wrapped));
  const { plain, separate } = joinsOf(read, composition);
  if (separate.length === 0) return [subschema(module.name, { part: schema, whole: schema }, plain)];

  const isComputed = (type: string, field: string) => Object.hasOwn(module.merge[type]?.needs ?? {}, field);
  const entries = new Set(separate.map(({ entry }) => entry));
  const without = filterSchema({
    schema,
    rootFieldFilter: (_operation, field = '') => !entries.has(field),
    objectFieldFilter: (type, field = '') => !isComputed(type, field),
  });
  const partOf = ({ type: joined, entry, provides }: SeparateJoin): GraphQLSchema =>
    pruneSchema(
      filterSchema({
        schema,
        rootFieldFilter: (_operation, field = '') => field === entry,
        objectFieldFilter: (type, field = '') => (type === joined ? provides(field) : !isComputed(type, field)),
      }),
      // Otherwise an input type that only an argument of an interface has is removed, and the argument with it.
      { skipPruning: isInputType },
    );
  return [
    subschema(module.name, { part: without, whole: schema }, plain),
    ...separate.map((join) =>
      subschema(join.title, { part: partOf(join), whole: schema }, { [join.type]: join.config }),
    ),
  ];
};
