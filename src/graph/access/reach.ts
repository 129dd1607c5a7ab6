import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { coordinate, NONE } from '../directives/authorization/requirement.ts';
import { type Access, accessOf, both, EVERYONE, either, isWithin } from './alternatives.ts';

/** A field that returns a type, and the callers that get to the type through it. */
export interface TypeEntry {
  readonly field: string;
  readonly access: Access;
}

/** How callers get to the objects of a type. */
export interface TypeReach {
  /** The callers that get to the type on any path from a root type. */
  readonly access: Access;
  /** Fields from a root type, on the path with the fewest requirements; empty for a root type. */
  readonly path: readonly string[];
  readonly entries: readonly TypeEntry[];
}

/** Object types that a field may return. */
const returnedBy = (schema: GraphQLSchema, type: GraphQLObjectType, field: string): readonly GraphQLObjectType[] => {
  const returned = getNamedType(type.getFields()[field]?.type);
  if (isObjectType(returned)) return [returned];
  return isAbstractType(returned) ? schema.getPossibleTypes(returned) : [];
};

const rootsOf = (schema: GraphQLSchema): readonly GraphQLObjectType[] =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(isObjectType);

interface Edge {
  readonly from: GraphQLObjectType;
  readonly field: string;
  readonly to: GraphQLObjectType;
  readonly required: Access;
}

const edgesFrom = (schema: GraphQLSchema, from: GraphQLObjectType, { requirements }: Authorization): readonly Edge[] =>
  Object.keys(from.getFields()).flatMap((field) => {
    const at = coordinate(from.name, field);
    const required = accessOf(requirements.get(at) ?? NONE);
    return returnedBy(schema, from, field).map((to) => ({ from, field: at, to, required }));
  });

const objectTypes = (schema: GraphQLSchema): readonly GraphQLObjectType[] =>
  Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );

/** Access to each type by all paths: grows until no field gives a type to further callers. */
const accessByType = (schema: GraphQLSchema, edges: readonly Edge[]): ReadonlyMap<string, Access> => {
  const access = new Map<string, Access>(rootsOf(schema).map(({ name }) => [name, EVERYONE]));
  const due = new Set(rootsOf(schema).map(({ name }) => name));
  // Grows during the loop.
  for (const name of due) {
    due.delete(name);
    for (const { to, required } of edges.filter(({ from }) => from.name === name)) {
      const through = both(access.get(name) ?? [], required);
      const before = access.get(to.name) ?? [];
      if (isWithin(through, before)) continue;
      access.set(to.name, either(before, through));
      due.add(to.name);
    }
  }
  return access;
};

interface Path {
  readonly guards: number;
  readonly fields: readonly string[];
}

const isBetter = (one: Path, than: Path | undefined): boolean =>
  than === undefined ||
  one.guards < than.guards ||
  (one.guards === than.guards && one.fields.length < than.fields.length);

/** The path to each type with the fewest fields that have requirements, and of these the shortest. */
const pathsByType = (schema: GraphQLSchema, edges: readonly Edge[]): ReadonlyMap<string, Path> => {
  const paths = new Map<string, Path>(rootsOf(schema).map(({ name }) => [name, { guards: 0, fields: [] }]));
  const due = new Set(rootsOf(schema).map(({ name }) => name));
  for (const name of due) {
    due.delete(name);
    const path = paths.get(name) ?? { guards: 0, fields: [] };
    for (const { to, field, required } of edges.filter(({ from }) => from.name === name)) {
      const guards = path.guards + (isWithin(EVERYONE, required) ? 0 : 1);
      const longer = { guards, fields: [...path.fields, field] };
      if (!isBetter(longer, paths.get(to.name))) continue;
      paths.set(to.name, longer);
      due.add(to.name);
    }
  }
  return paths;
};

/** Who gets to the objects of each type, computed over all paths from the root types. */
export const reachOf = (schema: GraphQLSchema, authorization: Authorization): ReadonlyMap<string, TypeReach> => {
  const types = objectTypes(schema);
  const edges = types.flatMap((type) => edgesFrom(schema, type, authorization));
  const access = accessByType(schema, edges);
  const paths = pathsByType(schema, edges);
  return new Map(
    types.map(({ name }) => [
      name,
      {
        access: access.get(name) ?? [],
        path: paths.get(name)?.fields ?? [],
        entries: edges
          .filter(({ to }) => to.name === name)
          .map(({ from, field, required }) => ({ field, access: both(access.get(from.name) ?? [], required) })),
      },
    ]),
  );
};
