import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  type GraphQLFieldConfig,
  GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Principal } from '../../request/principal.ts';
import { type Authorization, meetsScopes } from '../directives/authorization/authorize.ts';
import { hasRole, roleOf } from '../directives/authorization/policies.ts';
import { argumentCoordinate, coordinate, isNone, type Requirement } from '../directives/authorization/requirement.ts';

/** Maximum number of schemas that are kept. Callers with the same rights share one. */
const MAX_SCHEMAS = 16;

/** True unless scopes and roles refuse the caller. Other policies decide on values, and are not asked. */
const mayMeet = (principal: Principal, requirement: Requirement): boolean =>
  meetsScopes(principal, requirement) &&
  requirement.policies.every(({ anyOf }) =>
    anyOf.some((all) =>
      all.every((name) => {
        const role = roleOf(name);
        return role === null || hasRole(principal, role);
      }),
    ),
  );

/** Requirements of fields, arguments and input fields by coordinate. */
const requirementsByCoordinate = ({ requirements, inputs }: Authorization): ReadonlyMap<string, Requirement> => {
  const all = new Map(requirements);
  for (const [at, shapes] of inputs.args) {
    const [type = '', field = ''] = at.split('.');
    for (const [name, { requirement }] of shapes)
      if (!isNone(requirement)) all.set(argumentCoordinate(type, field, name), requirement);
  }
  for (const [type, shapes] of inputs.types)
    for (const [name, { requirement }] of shapes)
      if (!isNone(requirement)) all.set(coordinate(type, name), requirement);
  return all;
};

/** A query type needs a field. */
const NOTHING = { nothing: { type: GraphQLString, description: 'This caller may read no field.' } };

const withoutHidden = (schema: GraphQLSchema, hidden: ReadonlySet<string>): GraphQLSchema => {
  // An object type must have the fields and arguments of its interfaces.
  const isHidden = (type: string, at: (type: string) => string): boolean => {
    const named = schema.getType(type);
    const types =
      named === undefined || isObjectType(named) || !('getInterfaces' in named) ? [] : schema.getPossibleTypes(named);
    return [type, ...types.map(({ name }) => name)].some((name) => hidden.has(at(name)));
  };
  const visible = (
    field: GraphQLFieldConfig<unknown, unknown>,
    name: string,
    type: string,
  ): GraphQLFieldConfig<unknown, unknown> | null => {
    if (isHidden(type, (of) => coordinate(of, name))) return null;
    const args = Object.entries(field.args ?? {});
    const shown = args.filter(([arg]) => !isHidden(type, (of) => argumentCoordinate(of, name, arg)));
    if (shown.length === args.length) return field;
    const isUsable = args.every(
      ([arg, { type, defaultValue }]) =>
        !isNonNullType(type) || defaultValue !== undefined || shown.some(([other]) => other === arg),
    );
    return isUsable ? { ...field, args: Object.fromEntries(shown) } : null;
  };
  const query = schema.getQueryType();
  const isEmpty =
    Object.values(query?.toConfig().fields ?? {}).length > 0 &&
    Object.entries(query?.toConfig().fields ?? {}).every(
      ([name, field]) => visible(field, name, query?.name ?? '') === null,
    );
  const filtered = mapSchema(schema, {
    [MapperKind.QUERY]: (type) =>
      isEmpty ? new GraphQLObjectType({ ...type.toConfig(), interfaces: [], fields: NOTHING }) : type,
    [MapperKind.COMPOSITE_FIELD]: (field, name, type) => visible(field, name, type),
    [MapperKind.INPUT_OBJECT_FIELD]: (field, name, type) => (hidden.has(coordinate(type, name)) ? null : field),
  });
  return pruneSchema(filtered);
};

/** Returns the part of a schema that a caller may reach, by its scopes and roles. */
export const visibleSchemas = (
  schema: GraphQLSchema,
  authorization: Authorization,
): ((principal: Principal) => GraphQLSchema) => {
  const requirements = requirementsByCoordinate(authorization);
  const kept = new Map<string, GraphQLSchema>();
  return (principal) => {
    const hidden = [...requirements].flatMap(([at, requirement]) => (mayMeet(principal, requirement) ? [] : [at]));
    if (hidden.length === 0) return schema;
    const name = hidden.join(' ');
    const known = kept.get(name) ?? withoutHidden(schema, new Set(hidden));
    // The last one used is the last in the map.
    kept.delete(name);
    kept.set(name, known);
    const [oldest] = kept.keys();
    if (kept.size > MAX_SCHEMAS && oldest !== undefined) kept.delete(oldest);
    return known;
  };
};
