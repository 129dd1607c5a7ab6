import { DomainError, GatewayError } from '../core/errors.ts';

/**
 * The error for a value that a scalar or enum cannot serialise or parse. Its code is UPSTREAM_BAD_RESPONSE, because
 * values come from backends; an error with its own code is returned as it is. The value is only in the cause: it may be
 * personal data.
 */
export const invalidValue = (type: string, cause: unknown): Error =>
  cause instanceof GatewayError || cause instanceof DomainError
    ? cause
    : new GatewayError('UPSTREAM_BAD_RESPONSE', `A value does not fit ${type}.`, { cause });
