import { delegateToSchema, type MergedTypeConfig, type Subschema } from '@graphql-tools/delegate';
import {
  GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  isNonNullType,
  isObjectType,
  Kind,
  print,
  type SelectionSetNode,
} from 'graphql';
import { noSuchEntity } from '../execution/failure.ts';
import { type Authorization, refusalOfAll } from './authorization.ts';
import type { ExecutionContext } from './execution-context.ts';
import { twinOf } from './names.ts';
import { rootCause } from './root-cause.ts';

interface Join {
  /** The hidden root field that takes the keys. */
  readonly entry: string;
  /** Fields of the entity that the module is told: its key, and what its fields are computed from. */
  readonly given: readonly string[];
  /** Those without which there is no entity to ask for. */
  readonly required: readonly string[];
}

/** An entity as the executing gateway holds it: fields by response key, an Error where one failed. */
type Entity = Readonly<Record<string, unknown>>;

const keyOf = ({ given, required }: Join, entity: Entity): object | null => {
  const key: Record<string, unknown> = {};
  for (const field of given) {
    const value = entity[twinOf(field)];
    // The library would hand the Error over as if it were the key.
    if (value instanceof Error) throw rootCause(value);
    if ((value === null || value === undefined) && required.includes(field)) return null;
    key[field] = value ?? null;
  }
  return key;
};

/** What stitching makes a silent null of, going by its message. Told in other words it stays an error. */
const spoken = (error: unknown): Error => {
  const cause = rootCause(error);
  return cause.message.includes('Cannot return null for non-nullable field')
    ? new Error('A joined entity could not be completed.', { cause })
    : cause;
};

/** Names of the response that a selection asks of an entity, with its fragments, and true for those that are non-null. */
const responseNames = (
  { selections }: SelectionSetNode,
  type: GraphQLObjectType,
  info: GraphQLResolveInfo,
): readonly (readonly [name: string, isNonNull: boolean])[] =>
  selections.flatMap((node) => {
    if (node.kind !== Kind.FIELD) {
      const inner = node.kind === Kind.INLINE_FRAGMENT ? node : info.fragments[node.name.value];
      return inner === undefined ? [] : responseNames(inner.selectionSet, type, info);
    }
    const field = type.getFields()[node.name.value];
    return field === undefined ? [] : [[(node.alias ?? node.name).value, isNonNullType(field.type)] as const];
  });

/** Stands for an entity that its module does not know: null where the type allows it, else an error of the field. */
const absentEntity = (selectionSet: SelectionSetNode, type: GraphQLOutputType, info: GraphQLResolveInfo): unknown => {
  if (!isObjectType(type)) return null;
  const names = responseNames(selectionSet, type, info);
  return Object.fromEntries(names.map(([name, isNonNull]) => [name, isNonNull ? noSuchEntity() : null]));
};

/**
 * How stitching asks a module for its fields of an entity that another module brought: all entities of one place in the
 * query with one request, each once, its answer found by key.
 */
export const joinThrough = (
  join: Join,
  authorization: Authorization,
): MergedTypeConfig<unknown, unknown, ExecutionContext> => ({
  selectionSet: `{ ${join.given.map(twinOf).join(' ')} }`,
  resolve: async (
    entity: Entity,
    context: ExecutionContext,
    info: GraphQLResolveInfo,
    subschema: Subschema<unknown, unknown, unknown, ExecutionContext>,
    selectionSet: SelectionSetNode,
    _key: unknown,
    type = getNamedType(info.returnType),
  ) => {
    const key = keyOf(join, entity);
    if (key === null) return absentEntity(selectionSet, type, info);
    const refusal = await refusalOfAll(selectionSet, type, subschema.schema, authorization, context, info);
    if (refusal !== null) throw refusal;
    const fetch = async (keys: readonly object[]): Promise<readonly unknown[]> => {
      const entities: unknown = await delegateToSchema({
        schema: subschema,
        operation: 'query' as never, // an enum of graphql's, whose values are these words
        fieldName: join.entry,
        returnType: new GraphQLList(type),
        args: { keys },
        selectionSet,
        context,
        info,
        skipTypeMerging: true,
      });
      if (entities instanceof Error) throw entities;
      if (!Array.isArray(entities) || entities.length !== keys.length)
        throw new Error(`${join.entry} gave no entity for each key`);
      return entities;
    };
    try {
      const entity = await context.join(`${join.entry} ${type.toString()} ${print(selectionSet)}`, fetch).load(key);
      return entity ?? absentEntity(selectionSet, type, info);
    } catch (error) {
      throw spoken(error);
    }
  },
});
