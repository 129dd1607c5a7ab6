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

const coerceDefault = (input: GraphQLArgument | GraphQLInputField): void => {
  const node = input.astNode?.defaultValue;
  if (node) input.defaultValue = valueFromAST(node, input.type);
};

/** Coerces defaults of nested types first: a default may leave out a field that has its own default. */
const coerceFieldDefaults = (type: GraphQLInputObjectType, done: Set<GraphQLInputObjectType>): void => {
  if (done.has(type)) return;
  done.add(type);
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type);
    if (isInputObjectType(inner)) coerceFieldDefaults(inner, done);
    coerceDefault(field);
  }
};

/**
 * Coerces every default of a new schema again from its SDL, and returns the schema. In a default that is an input
 * object, graphql-tools leaves enums and custom scalars uncoerced, or uses values of another schema.
 */
export const withSdlDefaults = (schema: GraphQLSchema): GraphQLSchema => {
  const types = Object.values(schema.getTypeMap());
  const done = new Set<GraphQLInputObjectType>();
  for (const type of types) if (isInputObjectType(type)) coerceFieldDefaults(type, done);
  for (const type of types)
    if (isObjectType(type) || isInterfaceType(type))
      for (const { args } of Object.values(type.getFields())) args.forEach(coerceDefault);
  return schema;
};
