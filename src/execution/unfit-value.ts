import { DomainError, GatewayError } from '../errors.ts';

/**
 * The error for a value that a scalar or enum cannot serialise or parse. Values of resolvers come from backends, which makes it an answer
 * that does not fit. An error with a code of its own stays what it is. The value itself is in the cause only: it may be a person's data.
 */
export const unfitValue = (type: string, cause: unknown): Error =>
  cause instanceof GatewayError || cause instanceof DomainError
    ? cause
    : new GatewayError('UPSTREAM_BAD_RESPONSE', `A value does not fit ${type}.`, { cause });
