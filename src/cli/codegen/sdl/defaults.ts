import {
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

const inputValues = (schema: GraphQLSchema): (GraphQLArgument | GraphQLInputField)[] =>
  Object.values(schema.getTypeMap()).flatMap((type): (GraphQLArgument | GraphQLInputField)[] => {
    if (isInputObjectType(type)) return Object.values(type.getFields());
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap(({ args }) => args);
  });

/**
 * Reports default values of the wrong type. graphql-js ignores such a default, so that only a query that relies on it
 * would fail.
 */
export const defaultProblems = (schema: GraphQLSchema): GraphQLError[] =>
  inputValues(schema).flatMap(({ name, type, astNode, defaultValue }) =>
    astNode?.defaultValue && defaultValue === undefined
      ? [new GraphQLError(`The default of ${name} is not of type ${type}`, { nodes: astNode.defaultValue })]
      : [],
  );
