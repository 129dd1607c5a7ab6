import type { SubschemaConfig } from '@graphql-tools/delegate';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { filterSchema, MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  execute,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
  parse,
  print,
} from 'graphql';
import { type Enumeration, isEnumeration } from '../backend/enumeration.ts';
import type { SchemaModule } from '../backend/module.ts';
import { USUAL_SCALARS } from '../backend/scalars.ts';
import type { MergeShape } from '../backend/schema-types.ts';
import { DIRECTIVES_SDL } from '../directives/definitions.ts';
import { coordinate } from '../directives/requirement.ts';
import { authorizeFields } from './authorization.ts';
import { budgeted } from './budgeted.ts';
import { completeReferences, loadEntity } from './complete-references.ts';
import type { Composition, ReadModule } from './composition.ts';
import type { ExecutionContext } from './execution-context.ts';
import { withInputErrors } from './input-errors.ts';
import { internalKeys } from './internal-keys.ts';
import { joinThrough } from './join.ts';
import { computedEntryPoint, entryPoint, isHidden, KEY_SCALAR, twinOf } from './names.ts';
import { type ExecutableResolver, executable, propertyResolver } from './resolvers.ts';
import { fieldsIn, keyFields, type ModuleSdl } from './sdl.ts';
import { withSdlDefaults } from './sdl-defaults.ts';
import { withServedBuiltIns, withServedLeaves } from './unfit-values.ts';

type Subgraph = SubschemaConfig<unknown, unknown, unknown, ExecutionContext>;

/** Any value, as it is: keys cross from module to module inside this process only. */
const keyScalar = new GraphQLScalarType({ name: KEY_SCALAR });

/** A key as it arrives at an entry point, and what comes with it. */
type Given = Readonly<Record<string, unknown>>;

const neededFields = (merge: MergeShape): readonly string[] => [...new Set(Object.values(merge.needs ?? {}).flat())];

/** The part of a module's merge that its entry point with or without `needs` serves. */
const entriesOf = (module: SchemaModule, type: string, merge: MergeShape) => {
  const plain = { name: entryPoint(module.name, type), given: keyFields(merge) };
  const needs = neededFields(merge);
  const computed = { name: computedEntryPoint(module.name, type), given: [...plain.given, ...needs] };
  return { plain, computed: needs.length === 0 ? null : computed };
};

/** Answers an entry point: each key's entity in the key's place, so that nothing is ever matched by chance. */
const entryResolver =
  (module: SchemaModule, type: string, merge: MergeShape): ExecutableResolver =>
  (_root, args, context, info) => {
    const keys: readonly Given[] = args.keys;
    const internal = internalKeys(info.schema, type, merge);
    const { load } = merge;
    // Promised, so that a key that cannot be read fails alone.
    return keys.map(async (received) => {
      const given = internal(received);
      return load === undefined ? given : loadEntity(module, { ...merge, load }, given, context);
    });
  };

const usualScalarsIn = (sdl: ModuleSdl): string[] =>
  sdl.undeclared.filter((name) => Object.hasOwn(USUAL_SCALARS, name));

/** What the gateway adds to a module's own SDL. */
const hiddenSdl = (module: SchemaModule, sdl: ModuleSdl, twins: ReadonlyMap<string, ReadonlySet<string>>): string => {
  const lines = [DIRECTIVES_SDL, `scalar ${KEY_SCALAR}`, ...usualScalarsIn(sdl).map((name) => `scalar ${name}`)];
  for (const [type, fields] of twins)
    for (const [field, node] of fieldsIn(sdl, type))
      if (fields.has(field)) lines.push(`extend type ${type} { ${twinOf(field)}: ${print(node.type)} }`);
  const entries = Object.entries(module.merge).flatMap(([type, merge]) => {
    const { plain, computed } = entriesOf(module, type, merge);
    return [plain, ...(computed === null ? [] : [computed])].map(
      ({ name }) => `${name}(keys: [${KEY_SCALAR}!]!): [${type}]!`,
    );
  });
  const alive = `${entryPoint(module.name, 'alive')}: Boolean`; // a schema must have a query, a module need not
  const root = fieldsIn(sdl, 'Query').length === 0 ? 'type Query' : 'extend type Query';
  lines.push(`${root} { ${[alive, ...entries].join(' ')} }`);
  return lines.join('\n');
};

const resolversOf = (module: SchemaModule, sdl: ModuleSdl, twins: ReadonlyMap<string, ReadonlySet<string>>) => {
  const scalars: Record<string, GraphQLScalarType> = { [KEY_SCALAR]: keyScalar };
  for (const name of usualScalarsIn(sdl))
    if (USUAL_SCALARS[name] !== undefined) scalars[name] = USUAL_SCALARS[name].type;

  const enums: Record<string, Enumeration['values']> = {};
  const fields: Record<string, Record<string, ExecutableResolver>> = { Query: {} };
  for (const [type, given] of Object.entries(module.resolvers)) {
    if (isScalarType(given)) scalars[type] = new GraphQLScalarType({ ...given.toConfig(), name: type });
    else if (isEnumeration(given)) enums[type] = given.values;
    else
      fields[type] = Object.fromEntries(
        Object.entries(given).map(([field, resolver]) => [field, executable(module.name, resolver)]),
      );
  }
  for (const [type, merge] of Object.entries(module.merge)) {
    const { plain, computed } = entriesOf(module, type, merge);
    const resolve = entryResolver(module, type, merge);
    fields.Query = { ...fields.Query, [plain.name]: resolve, ...(computed && { [computed.name]: resolve }) };
  }
  for (const [type, merge] of Object.entries(module.merge)) completeReferences({ module, sdl }, type, merge, fields);
  for (const [type, names] of twins)
    for (const [field] of fieldsIn(sdl, type))
      if (names.has(field)) {
        fields[type] ??= {};
        fields[type][twinOf(field)] = fields[type][field] ?? propertyResolver(field);
      }
  return { ...scalars, ...enums, ...fields };
};

/** A part of a module's schema, as stitching sees it; run on the whole, because a part may lack what an interface wants. */
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
    // graphql-js and graphql-tools name the same result differently.
    return withServedBuiltIns(withInputErrors(result)) as never;
  },
});

const withoutInterfaces = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) => new GraphQLObjectType({ ...type.toConfig(), interfaces: [] }),
  });

/** A module's part of the graph as a schema of its own: with its resolvers and limits, and what joins need. */
export interface ModuleSchema extends ReadModule {
  readonly schema: GraphQLSchema;
  /** Fields whose resolver counts against a limit first, by coordinate. */
  readonly limited: ReadonlyMap<string, ExecutableResolver>;
}

const fieldsWithin = (schema: GraphQLSchema): readonly (readonly [string, ExecutableResolver | undefined])[] =>
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields()).map((field) => [coordinate(type.name, field.name), field.resolve] as const)
      : [],
  );

/** `limit` puts rate limits on a schema. */
export const moduleSchema = (
  { module, sdl }: ReadModule,
  { twins }: Composition,
  limit: (schema: GraphQLSchema) => GraphQLSchema,
): ModuleSchema => {
  const executable = makeExecutableSchema({
    typeDefs: [sdl.document, parse(hiddenSdl(module, sdl, twins))],
    resolvers: resolversOf(module, sdl, twins),
    resolverValidationOptions: { requireResolversToMatchSchema: 'ignore' },
  });
  const schema = withSdlDefaults(limit(executable));
  const before = new Map(fieldsWithin(executable));
  const limited = new Map<string, ExecutableResolver>();
  for (const [at, resolve] of fieldsWithin(schema))
    if (resolve !== undefined && resolve !== before.get(at)) limited.set(at, resolve);
  return { module, sdl, schema, limited };
};

/**
 * A module as stitching takes it: an executable schema of its own, and a join for each type it merges. Fields that are
 * computed from another module's make a second one, which is asked once those are known.
 */
export const subgraphsOf = (
  { module, schema: limited }: ModuleSchema,
  { authorization }: Composition,
): readonly Subgraph[] => {
  // Whoever may not see a field uses up none of its limit.
  const schema = withServedLeaves(withSdlDefaults(budgeted(authorizeFields(limited, authorization))));
  const plain: NonNullable<Subgraph['merge']> = {};
  const computed: NonNullable<Subgraph['merge']> = {};
  for (const [type, merge] of Object.entries(module.merge)) {
    const entries = entriesOf(module, type, merge);
    const required = keyFields(merge);
    plain[type] = joinThrough({ entry: entries.plain.name, given: entries.plain.given, required }, authorization);
    if (entries.computed !== null)
      computed[type] = joinThrough(
        { entry: entries.computed.name, given: entries.computed.given, required },
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
        !Object.hasOwn(computed, type) || isComputed(type, field) || isHidden(field),
    }),
  );
  return [
    subschema(module.name, { part: without, whole: schema }, plain),
    subschema(`${module.name} (computed)`, { part: only, whole: schema }, computed),
  ];
};
