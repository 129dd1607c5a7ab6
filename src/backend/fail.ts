import { DomainError, GatewayError } from '../errors.ts';

/** An error with a code that the client is meant to handle. Return it from a resolver, or throw it. */
export type Failure<Code extends string> = Error & { readonly code: Code };

/**
 * A failure that the module declares in `errors`: `fail('OUT_OF_STOCK', { available: 3 })`.
 *
 * The client gets the code, the declared message, and `details`.
 */
export const fail = <const Code extends string>(
  code: Code,
  details?: Readonly<Record<string, unknown>>,
): Failure<Code> => Object.assign(new DomainError(code, details), { code });

const given =
  <const Code extends 'NOT_FOUND' | 'BAD_USER_INPUT' | 'FORBIDDEN'>(code: Code) =>
  (message: string, details?: Readonly<Record<string, unknown>>): Failure<Code> =>
    Object.assign(new GatewayError(code, message, { details }), { code });

/** What was asked for does not exist, and null would not say so. The client reads the message. */
export const notFound = given('NOT_FOUND');

/** An argument is not acceptable. The client reads the message. */
export const badInput = given('BAD_USER_INPUT');

/** The caller may not see or do this. The message is for operators. */
export const forbidden = given('FORBIDDEN');

/** The failures that need no declaration. */
export type GivenFailure = Failure<'NOT_FOUND' | 'BAD_USER_INPUT' | 'FORBIDDEN'>;
