import { type ExecutionResult, GraphQLError, type GraphQLSchema, isLeafType, isSpecifiedScalarType } from 'graphql';
import { serializing } from '../execution/shape.ts';
import { unfitValue } from '../execution/unfit-value.ts';

/**
 * Has the enums and custom scalars of a new schema report a value that does not fit as what it is: an answer of a backend. Returns that
 * schema. The built-in scalars belong to graphql-js, and to every schema.
 */
export const withServedLeaves = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isLeafType(type) && !isSpecifiedScalarType(type) && !type.name.startsWith('__'))
      type.serialize = serializing(type);
  return schema;
};

const BUILT_IN = /^(Int|Float|String|Boolean|ID) cannot represent /;

/** graphql-js's own error for a value that a built-in scalar cannot serialise. */
const servedBuiltIn = (error: GraphQLError): GraphQLError => {
  const { message, nodes, path, originalError: cause } = error;
  const type = cause instanceof GraphQLError ? BUILT_IN.exec(message)?.[1] : undefined;
  if (type === undefined) return error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    originalError: unfitValue(type, cause),
  });
};

/** The result of graphql-js's `execute`, in which values that do not fit built-in scalars are answers of a backend. */
export const withServedBuiltIns = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(servedBuiltIn) };
