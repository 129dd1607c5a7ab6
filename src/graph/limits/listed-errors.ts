import { GraphQLError } from 'graphql';
import { GatewayError } from '../../core/errors.ts';

/** Maximum number of errors in a response, unless `MAX_RESPONSE_ERRORS` sets another one. */
export const DEFAULT_MAX_ERRORS = 1_000;

/** Returns the first errors of a response, up to a maximum, and one that counts the others. */
export const listedErrors = (errors: readonly GraphQLError[], max: number): readonly GraphQLError[] => {
  const omitted = errors.length - max;
  if (omitted <= 0) return errors;
  const message = `${omitted} further errors are not listed.`;
  const originalError = new GatewayError('ERROR_LIMIT', message, { details: { omitted } });
  return [...errors.slice(0, max), new GraphQLError(message, { originalError })];
};
