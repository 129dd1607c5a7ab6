import {
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import { fieldsOf } from '../../../src/execution/plan/collect-fields.ts';
import { inputsOf } from './coerce.ts';
import { read } from './resolve.ts';

/** Arguments of a needed field, as those of a client's field. */
export const literals = (
  schema: GraphQLSchema,
  type: string,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Record<string, unknown> => {
  const composed = schema.getType(type);
  const definition = isObjectType(composed) ? composed.getFields()[node.name.value] : undefined;
  return definition === undefined ? {} : inputsOf(field, getArgumentValues(definition, node));
};

/** Names of the fields that are requested of a row: of its type, for the values of an interface or a union. */
export const requestedBelow = (info: GraphQLResolveInfo, value: unknown): readonly string[] => {
  const { schema, fragments, variableValues: conditions, fieldNodes, returnType } = info;
  const named = getNamedType(returnType);
  const type = isAbstractType(named) ? schema.getType(String(read(value, '__typename'))) : named;
  if (!isObjectType(type)) return [];
  const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const nodes = [...fieldsOf({ schema, fragments, conditions }, type, sets).values()];
  return nodes.map(([node]) => node.name.value).filter((name) => name !== '__typename');
};
