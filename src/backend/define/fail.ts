import { DomainError, GatewayError } from '../../core/errors.ts';

declare const failed: unique symbol;

/** An error with a code that the client is expected to handle. Return it from a resolver, or throw it. */
export interface Failure<Code extends string> extends Error {
  readonly code: Code;
  /** Exists for the compiler only: a row with name, message and code is not a failure. */
  readonly [failed]: true;
}

const marked = <Code extends string>(error: Error, code: Code): Failure<Code> =>
  Object.assign(error, { code }) as Error as Failure<Code>; // the mark exists in the type only

/**
 * Creates a failure that the module declares in `errors`: `fail('OUT_OF_STOCK', { available: 3 })`.
 *
 * The client receives the code, the declared message, and `details`.
 */
export const fail = <const Code extends string>(
  code: Code,
  details?: Readonly<Record<string, unknown>>,
): Failure<Code> => marked(new DomainError(code, details), code);

const given =
  <const Code extends GivenCode>(code: Code) =>
  (message: string, details?: Readonly<Record<string, unknown>>): Failure<Code> =>
    marked(new GatewayError(code, message, { details }), code);

/** The requested object does not exist and null is not enough. The message is public. */
export const notFound = given('NOT_FOUND');

/** An argument is invalid. The message is public. */
export const badInput = given('BAD_USER_INPUT');

/** The caller lacks the permission. The message is for operators only. */
export const forbidden = given('FORBIDDEN');

/** Codes of failures that need no declaration. */
export type GivenCode = 'NOT_FOUND' | 'BAD_USER_INPUT' | 'FORBIDDEN';
