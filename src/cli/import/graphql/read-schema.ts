import { type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType, isScalarType } from 'graphql';
import { USUAL_SCALARS } from '../../../backend/define/scalars/built-in-scalars.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { UsageError } from '../../command/exit-code.ts';
import { fieldName, namePool, typeName } from '../names/names.ts';
import { renamesOf } from '../names/renames.ts';
import type { TakenNames } from '../names/taken-names.ts';
import type { ImportedSchema, SchemaRootField } from './imported-schema.ts';
import { reachedTypes } from './reached-types.ts';
import { entityTypes, schemaLoaders } from './schema-loaders.ts';

/** Root fields that are imported without a selection. */
const MAX_FIELDS = 60;

interface RootOperation {
  readonly root: 'Query' | 'Mutation';
  readonly field: GraphQLField<unknown, unknown>;
}

/** Root fields of a service, without those of Apollo Federation. */
const operationsIn = (schema: GraphQLSchema): RootOperation[] =>
  (['Query', 'Mutation'] as const).flatMap((root) => {
    const type = root === 'Query' ? schema.getQueryType() : schema.getMutationType();
    return Object.values(type?.getFields() ?? {})
      .filter(({ name }) => !name.startsWith('_'))
      .map((field) => ({ root, field }));
  });

const matches = (pattern: string, { root, field }: RootOperation): boolean => {
  const text = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  const test = new RegExp(`^${text}$`);
  return test.test(field.name) || test.test(`${root}.${field.name}`);
};

const selected = (
  all: readonly RootOperation[],
  patterns: readonly string[],
  isAll: boolean,
): readonly RootOperation[] => {
  if (patterns.length === 0) {
    if (all.length <= MAX_FIELDS || isAll) return all;
    throw new UsageError(
      `The service has ${all.length} root fields: select those that the graph needs.\nFor example: --select '${all[0]?.field.name}'. --list shows all of them, --all imports them.`,
    );
  }
  const unknown = patterns.filter((pattern) => !all.some((one) => matches(pattern, one)));
  if (unknown.length > 0)
    throw new UsageError(
      unknown
        .map((pattern) => {
          const nearest = nearestSuggestion(
            pattern,
            all.map(({ field }) => field.name),
          );
          return `--select '${pattern}' matches no root field.${nearest === null ? ' Use a name, or Mutation.*; * is any text.' : ` Did you mean '${nearest}'?`}`;
        })
        .join('\n'),
    );
  return all.filter((one) => patterns.some((pattern) => matches(pattern, one)));
};

/** How a schema becomes a module. */
export interface SchemaReading
  extends Pick<ImportedSchema, 'name' | 'title' | 'schema' | 'origin' | 'path' | 'headers'> {
  readonly select: readonly string[];
  readonly all: boolean;
  /** Beginning of the names of all types; empty for none. */
  readonly prefix: string;
  readonly renames: readonly string[];
  readonly taken: TakenNames;
}

/** Names of types in the module. A name of another module or of the gateway gets the name of the module in front. */
const typeNames = (
  types: readonly string[],
  { name, prefix, taken }: SchemaReading,
): { readonly names: ReadonlyMap<string, string>; readonly avoided: ReadonlyMap<string, string> } => {
  const pool = namePool([...taken.types, ...Object.keys(USUAL_SCALARS), 'Query', 'Mutation', 'Subscription']);
  const names = new Map(types.map((type) => [type, pool.take(`${prefix}${type}`, `${typeName(name)}${type}`)]));
  return { names, avoided: pool.avoided };
};

/** The name of a field of a type: its own one, or that of an interface. `named` is the name by the rename of a type. */
const fieldNameOf = (schema: GraphQLSchema, type: string, field: string, named: (type: string) => string): string => {
  const of = schema.getType(type);
  const interfaces = isObjectType(of) || isInterfaceType(of) ? of.getInterfaces().map(({ name }) => name) : [];
  return [type, ...interfaces].map(named).find((name) => name !== field) ?? field;
};

/** Converts the selected root fields of a service, with all types that they use, to a module. */
export const readSchema = (reading: SchemaReading): ImportedSchema => {
  const { name, title, schema, origin, path, headers, select, all, taken } = reading;
  const operations = selected(operationsIn(schema), select, all);
  const pool = namePool(taken.fields);
  const roots = operations.map(
    ({ root, field }): SchemaRootField => ({
      root,
      field,
      name: pool.take(field.name, fieldName(`${name} ${field.name}`)),
    }),
  );
  const reached = [
    ...reachedTypes(
      schema,
      operations.map(({ field }) => field),
      // Entities are fields of other modules' types, which no root field needs to reach.
      select.length === 0 ? entityTypes(schema) : [],
    ),
  ].filter((type) => !isScalarType(type));
  const { names: before, avoided } = typeNames(
    reached.map((type) => type.name),
    reading,
  );
  const loaders = schemaLoaders(schema, roots, new Set(before.keys()));
  const renames = renamesOf(
    reading.renames,
    [
      ...(['Query', 'Mutation'] as const).map((root) => ({
        name: root,
        fields: roots.flatMap((one) => (one.root === root ? one.name : [])),
        hasOwnFields: true,
        isLoaded: false,
      })),
      ...reached.map((type) => ({
        name: before.get(type.name) ?? type.name,
        fields: 'getFields' in type ? Object.keys(type.getFields()) : [],
        hasOwnFields: true,
        isLoaded: loaders.some((loader) => loader.type === type.name),
      })),
    ],
    taken,
  );
  const fields = roots.map((one) => ({ ...one, name: renames.field(one.root, one.name) }));
  const names = new Map([...before].map(([type, of]) => [type, renames.type(of)]));
  const subscriptions = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
  return {
    name,
    title,
    schema,
    origin,
    path,
    headers,
    fields,
    names,
    fieldName: (type, field) => fieldNameOf(schema, type, field, (of) => renames.field(before.get(of) ?? of, field)),
    loaders,
    avoided: new Map([...avoided].filter(([of]) => loaders.some(({ type }) => names.get(type) === of))),
    joined: new Set([...before].flatMap(([type, of]) => (renames.joined.has(of) ? type : []))),
    skipped: subscriptions.map((field) => ({
      operation: `Subscription.${field}`,
      reason: 'subscriptions of GraphQL upstreams are not supported',
    })),
  };
};
