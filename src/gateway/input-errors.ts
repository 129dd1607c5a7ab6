import { type ExecutionResult, GraphQLError } from 'graphql';
import { inputError } from '../execution/input-error.ts';

/**
 * True where graphql-js refused an argument before it called a resolver: the error that it wraps has nodes of the document. An error of
 * a resolver has none yet.
 */
const isOfArgument = ({ originalError: cause }: GraphQLError): boolean =>
  cause instanceof GraphQLError && cause.nodes !== undefined && cause.path === undefined;

/** The result of graphql-js's `execute`, with an InputError as the cause of every argument that does not fit its type. */
export const withInputErrors = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined
    ? result
    : { ...result, errors: result.errors.map((error) => (isOfArgument(error) ? inputError(error) : error)) };
