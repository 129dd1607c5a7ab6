import { type ExecutionResult, GraphQLError, type GraphQLSchema, isLeafType, isSpecifiedScalarType } from 'graphql';
import { invalidValue } from '../../../execution/invalid-value.ts';
import { serializing } from '../../../execution/plan/leaf-types.ts';

/**
 * Makes the enums and custom scalars of a new schema report an invalid value as an invalid response of a backend.
 * Returns the schema. Built-in scalars are left out: graphql-js shares them between all schemas.
 */
export const reportInvalidLeafValues = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isLeafType(type) && !isSpecifiedScalarType(type) && !type.name.startsWith('__'))
      type.serialize = serializing(type);
  return schema;
};

const BUILT_IN = /^(Int|Float|String|Boolean|ID) cannot represent /;

/** Converts graphql-js's error for a value that a built-in scalar cannot serialize. */
const servedBuiltIn = (error: GraphQLError): GraphQLError => {
  const { message, nodes, path, originalError: cause } = error;
  const type = cause instanceof GraphQLError ? BUILT_IN.exec(message)?.[1] : undefined;
  if (type === undefined) return error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    originalError: invalidValue(type, cause),
  });
};

/** Reports invalid values of built-in scalars in a result of graphql-js as invalid responses of a backend. */
export const reportInvalidBuiltInValues = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(servedBuiltIn) };
