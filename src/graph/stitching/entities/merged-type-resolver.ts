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
import { noSuchEntity } from '../../../execution/run/field-failure.ts';
import { rootCause } from '../../apollo/root-cause.ts';
import type { Authorization } from '../../directives/authorization/authorize.ts';
import type { ExecutionContext } from '../../execution-context.ts';
import { refusalOfAll } from '../authorization.ts';
import { type EntryInput, entrySelection } from './entry-inputs.ts';

interface Join {
  /** The hidden root field that takes the keys. */
  readonly entry: string;
  /** The key of the entity: if one of its fields is null, there is no entity. */
  readonly keys: readonly EntryInput[];
  /** Further fields of the entity that the module receives: those that its computed fields need. */
  readonly needs: readonly EntryInput[];
  /** Fields that are loaded after the needed ones. Other fields are loaded without them. */
  readonly computed: readonly string[];
}

/** An entity in the executing gateway: fields by response key, an Error for a failed field. */
type Entity = Readonly<Record<string, unknown>>;

const keyOf = ({ keys, needs }: Join, entity: Entity): object | null => {
  const key: Record<string, unknown> = {};
  for (const input of [...keys, ...needs]) {
    const value = input.read(entity[input.key]);
    if (value === null && keys.includes(input)) return null;
    key[input.name] = value;
  }
  return key;
};

/** graphql-tools turns errors with this message into null. Another message keeps the error. */
const keepAsError = (error: unknown): Error => {
  const cause = rootCause(error);
  return cause.message.includes('Cannot return null for non-nullable field')
    ? new Error('A joined entity could not be completed.', { cause })
    : cause;
};

/** Response keys of a selection on an entity, including its fragments; true for non-null fields. */
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

/** Replaces an entity that its module does not know: nullable fields are null, the others fail. */
const absentEntity = (selectionSet: SelectionSetNode, type: GraphQLOutputType, info: GraphQLResolveInfo): unknown => {
  if (!isObjectType(type)) return null;
  const names = responseNames(selectionSet, type, info);
  return Object.fromEntries(names.map(([name, isNonNull]) => [name, isNonNull ? noSuchEntity() : null]));
};

/**
 * The join of graphql-tools to a module's fields of an entity from another module: one call for all entities of one
 * selection, each once. Results are matched by key.
 */
export const mergedTypeResolver = (
  join: Join,
  authorization: Authorization,
): MergedTypeConfig<unknown, unknown, ExecutionContext> => ({
  selectionSet: entrySelection(join.keys),
  fields: Object.fromEntries(join.computed.map((field) => [field, { selectionSet: entrySelection(join.needs) }])),
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
        operation: 'query' as never, // an enum of graphql-js with these values
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
        throw new Error(`${join.entry} did not return one entity for each key`);
      return entities;
    };
    try {
      const entity = await context.join(`${join.entry} ${type.toString()} ${print(selectionSet)}`, fetch).load(key);
      return entity ?? absentEntity(selectionSet, type, info);
    } catch (error) {
      throw keepAsError(error);
    }
  },
});
