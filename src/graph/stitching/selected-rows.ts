import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
} from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import type { SelectedFields, SelectedRows, SelectingInfo } from '../../backend/field-mask/selected-rows.ts';
import { fieldsOf } from '../../execution/plan/collect-fields.ts';
import { ownName } from '../compose/reserved-names.ts';

const fieldsBelow = (
  info: GraphQLResolveInfo,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): SelectedFields => {
  const { schema, fragments, variableValues: conditions } = info;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const fields = [...fieldsOf({ schema, fragments, conditions }, type, sets).values()].flatMap((same) => {
    const name = ownName(same[0].name.value);
    const definition = type.getFields()[name];
    if (definition === undefined) return [];
    const isList = isListType(getNullableType(definition.type));
    return { name, isList, below: rowsBelow(info, definition.type, same) };
  });
  return { type: type.name, fields };
};

const rowsBelow = (
  info: GraphQLResolveInfo,
  returned: GraphQLOutputType,
  nodes: readonly FieldNode[],
): SelectedRows => {
  const type = getNamedType(returned);
  if (isLeafType(type)) return [];
  const types = isAbstractType(type) ? info.schema.getPossibleTypes(type) : [type];
  return types.map((possible) => fieldsBelow(info, possible, nodes));
};

/** Adds the selection of a document of delegation to the `info` of a resolver. */
export const selectingInfo = (module: SchemaModule, info: GraphQLResolveInfo): SelectingInfo => {
  const rows = () => rowsBelow(info, info.returnType, info.fieldNodes);
  return { ...info, selecting: { module, schema: info.schema, rows } };
};
