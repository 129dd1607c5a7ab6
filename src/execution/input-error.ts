import { GraphQLError } from 'graphql';
import { GatewayError } from '../core/errors.ts';

/** Input of the client that does not fit the type of an argument or variable. The message is graphql-js's. */
export class InputError extends GatewayError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/** Converts an error of graphql-js: message, locations and path stay, and its cause becomes an InputError. */
export const inputError = ({ message, nodes, path }: GraphQLError): GraphQLError =>
  new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, originalError: new InputError(message) });

/** Runs coercion of arguments or variables by graphql-js, and converts its errors to input errors. */
export const coercing = <Result>(coerce: () => Result): Result => {
  try {
    return coerce();
  } catch (error) {
    throw error instanceof GraphQLError ? inputError(error) : error;
  }
};
