import { type ExecutionResult, GraphQLError } from 'graphql';
import { inputError } from '../../execution/input-error.ts';

/**
 * True if graphql-js rejected an argument before it called a resolver: the wrapped error has nodes of the document and
 * no path. An error of a resolver has no nodes yet.
 */
const isOfArgument = ({ originalError: cause }: GraphQLError): boolean =>
  cause instanceof GraphQLError && cause.nodes !== undefined && cause.path === undefined;

/** Replaces graphql-js's errors of invalid arguments by errors with an InputError as cause. */
export const withInputErrors = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined
    ? result
    : { ...result, errors: result.errors.map((error) => (isOfArgument(error) ? inputError(error) : error)) };
