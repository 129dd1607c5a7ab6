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
import type { Decision } from '../../execution/graph.ts';
import { coercing } from '../../execution/input-error.ts';
import { hasReservedName } from '../compose/reserved-names.ts';
import { type Authorization, guardOf } from '../directives/authorization/authorize.ts';
import { anyValue } from '../directives/authorization/given-inputs.ts';
import { coordinate } from '../directives/authorization/requirement.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { ExecutableResolver } from './executable-resolver.ts';
import { originalField } from './marked-fields.ts';

/** A field of a delegated document, with its arguments as its module receives them. */
interface DelegatedField {
  readonly type: string;
  readonly node: FieldNode;
  readonly args: () => Readonly<Record<string, unknown>>;
}

/** Decides on a field of a delegated document. */
const decisionOn = async (
  authorization: Authorization,
  { type, node, args }: DelegatedField,
  context: ExecutionContext,
): Promise<Decision> => {
  const at = coordinate(type, node.name.value);
  const original = originalField(node, context);
  const guard = guardOf(authorization, at, original ?? node);
  if (guard === null) return null;
  if (original === null && authorization.inputs.given(at, node, anyValue).length > 0)
    throw new Error(`The inputs of ${at} are not known.`); // closed: the values of the client cannot be told apart
  const { sent, definitions } = context.marked;
  return guard(context, { node: original ?? node, args: args(), sent, definitions });
};

const authorized =
  (authorization: Authorization, type: string, resolve: ExecutableResolver): ExecutableResolver =>
  async (parent, args, context, info) => {
    const [node] = info.fieldNodes;
    if (node !== undefined) {
      const decide = () => decisionOn(authorization, { type, node, args: () => args }, context);
      const decision = await context.decided(node, coordinate(type, node.name.value), decide);
      const refused = typeof decision === 'function' ? await decision(parent) : decision;
      if (refused !== null) throw refused;
    }
    return resolve(parent, args, context, info);
  };

/**
 * Wraps every field of a module's schema with its authorization check, for client fields, joins and other fields alike.
 * It must be the outermost wrapper of a resolver, so that a refused field consumes no rate limit and fetches nothing.
 */
export const authorizeFields = (schema: GraphQLSchema, authorization: Authorization): GraphQLSchema => {
  const { requirements, inputs } = authorization;
  const guarded = new Set([...requirements.keys(), ...inputs.fields]);
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, name, type) =>
      guarded.has(coordinate(type, name))
        ? { ...field, resolve: authorized(authorization, type, field.resolve ?? defaultFieldResolver) }
        : field,
  });
};

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
  authorization: Authorization,
  context: ExecutionContext,
  info: GraphQLResolveInfo,
): Promise<Error | null> => {
  const args = argumentsOf(node, type, module, info);
  if (args === null) return null;
  const decision = await decisionOn(authorization, { type: type.name, node, args: () => args }, context);
  return decision instanceof Error ? decision : null;
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
): Promise<Error | null> => {
  if (!isObjectType(type)) return null;
  let refusal: Error | null = null;
  for (const node of fieldsOf(selectionSet, info)) {
    if (node.name.value === '__typename') continue;
    // The key is needed by another join.
    if (hasReservedName(node.name.value)) return null;
    refusal = await refusalOf(node, type, module, authorization, context, info);
    if (refusal === null) return null;
  }
  return refusal;
};
