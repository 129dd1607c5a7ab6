import { DomainError, GatewayError } from '../core/errors.ts';

/**
 * The error for a value that a scalar or enum cannot serialise or parse. Values of resolvers come from backends, so
 * that the error is UPSTREAM_BAD_RESPONSE. Errors with their own code are kept. The value itself is only in the cause:
 * it may be personal data.
 */
export const invalidValue = (type: string, cause: unknown): Error =>
  cause instanceof GatewayError || cause instanceof DomainError
    ? cause
    : new GatewayError('UPSTREAM_BAD_RESPONSE', `A value does not fit ${type}.`, { cause });
