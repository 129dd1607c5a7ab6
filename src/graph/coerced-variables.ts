import { type GraphQLSchema, getVariableValues } from 'graphql';
import type { Operation } from './operation.ts';

type Coerced = ReturnType<typeof getVariableValues>;

const known = new WeakMap<Operation, Coerced>();

const NONE: Coerced = Object.freeze({ coerced: Object.freeze({}) });

/**
 * Coerces the variables of an operation of one request. Valid ones are coerced once for everything that reads them: a client
 * can send very many values.
 */
export const coercedVariables = (
  schema: GraphQLSchema,
  operation: Operation,
  options: NonNullable<Parameters<typeof getVariableValues>[3]>,
): Coerced => {
  const { variableDefinitions = [] } = operation.operation;
  if (variableDefinitions.length === 0) return NONE;
  const before = known.get(operation);
  if (before !== undefined) return before;
  const result = getVariableValues(schema, variableDefinitions, operation.variables, options);
  if (result.errors === undefined) known.set(operation, result);
  return result;
};
