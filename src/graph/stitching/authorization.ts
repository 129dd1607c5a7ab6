import { MapperKind, mapSchema, transformInputValue } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  isEnumType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { GatewayError } from '../../core/errors.ts';
import { coercing } from '../../execution/input-error.ts';
import { hasReservedName } from '../compose/reserved-names.ts';
import { type Authorization, authorize, type Policies } from '../directives/authorize.ts';
import { coordinate, type Requirement } from '../directives/requirement.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { ExecutableResolver } from './executable-resolver.ts';

const authorized =
  (requirement: Requirement, policies: Policies, resolve: ExecutableResolver): ExecutableResolver =>
  async (parent, args, context, info) => {
    const refused = await authorize(requirement, { principal: context.request.principal, args }, policies);
    if (refused !== null) throw refused;
    return resolve(parent, args, context, info);
  };

/**
 * Wraps every field of a module's schema with its authorization check, for client fields, joins and other fields alike.
 * It must be the outermost wrapper of a resolver, so that a refused field consumes no rate limit and fetches nothing.
 */
export const authorizeFields = (schema: GraphQLSchema, { requirements, policies }: Authorization): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, name, type) => {
      const requirement = requirements.get(coordinate(type, name));
      if (requirement === undefined) return field;
      return { ...field, resolve: authorized(requirement, policies, field.resolve ?? defaultFieldResolver) };
    },
  });

const fieldsOf = (selectionSet: SelectionSetNode, info: GraphQLResolveInfo): readonly FieldNode[] =>
  selectionSet.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : info.fragments[node.name.value];
    return inner === undefined ? [] : fieldsOf(inner.selectionSet, info);
  });

/** Arguments as the field's own module receives them. The graph's schema knows only names of enum values. */
const argumentsOf = (node: FieldNode, type: GraphQLObjectType, module: GraphQLSchema, info: GraphQLResolveInfo) => {
  const name = node.name.value;
  const field = type.getFields()[name];
  if (field === undefined) return null;
  const values = coercing(() => getArgumentValues(field, node, info.variableValues));
  const own = module.getType(type.name);
  for (const arg of isObjectType(own) ? (own.getFields()[name]?.args ?? []) : [])
    if (Object.hasOwn(values, arg.name))
      values[arg.name] = transformInputValue(arg.type, values[arg.name], (leaf, value) =>
        isEnumType(leaf) ? leaf.parseValue(value) : value,
      );
  return values;
};

const refusalOf = async (
  node: FieldNode,
  type: GraphQLObjectType,
  module: GraphQLSchema,
  { requirements, policies }: Authorization,
  context: ExecutionContext,
  info: GraphQLResolveInfo,
): Promise<GatewayError | null> => {
  const requirement = requirements.get(coordinate(type.name, node.name.value));
  if (requirement === undefined) return null;
  const args = argumentsOf(node, type, module, info);
  if (args === null) return null;
  return authorize(requirement, { principal: context.request.principal, args }, policies);
};

/**
 * Returns the refusal if all fields of a selection are refused, so that nothing is fetched; null if at least one field
 * is allowed.
 */
export const refusalOfAll = async (
  selectionSet: SelectionSetNode,
  type: unknown,
  module: GraphQLSchema,
  authorization: Authorization,
  context: ExecutionContext,
  info: GraphQLResolveInfo,
): Promise<GatewayError | null> => {
  if (!isObjectType(type)) return null;
  let refusal: GatewayError | null = null;
  for (const node of fieldsOf(selectionSet, info)) {
    if (node.name.value === '__typename') continue;
    // The key is needed by another join.
    if (hasReservedName(node.name.value)) return null;
    refusal = await refusalOf(node, type, module, authorization, context, info);
    if (refusal === null) return null;
  }
  return refusal;
};
