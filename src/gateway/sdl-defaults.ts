import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  valueFromAST,
} from 'graphql';

const settle = (input: GraphQLArgument | GraphQLInputField): void => {
  const node = input.astNode?.defaultValue;
  if (node) input.defaultValue = valueFromAST(node, input.type);
};

/** A default may leave out what has a default of its own, which is then to be there already. */
const settleFields = (type: GraphQLInputObjectType, settled: Set<GraphQLInputObjectType>): void => {
  if (settled.has(type)) return;
  settled.add(type);
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type);
    if (isInputObjectType(inner)) settleFields(inner, settled);
    settle(field);
  }
};

/**
 * Reads every default of a new schema from its SDL once more, and returns that schema. The library forgets to make internal
 * values of enums and custom scalars within a default that is an input object, or makes them of another schema's.
 */
export const withSdlDefaults = (schema: GraphQLSchema): GraphQLSchema => {
  const types = Object.values(schema.getTypeMap());
  const settled = new Set<GraphQLInputObjectType>();
  for (const type of types) if (isInputObjectType(type)) settleFields(type, settled);
  for (const type of types)
    if (isObjectType(type) || isInterfaceType(type))
      for (const { args } of Object.values(type.getFields())) args.forEach(settle);
  return schema;
};
