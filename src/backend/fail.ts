import { DomainError, GatewayError } from '../errors.ts';

declare const failed: unique symbol;

/** An error with a code that the client is meant to handle. Return it from a resolver, or throw it. */
export interface Failure<Code extends string> extends Error {
  readonly code: Code;
  /** Exists for the compiler only: a row with a name, a message and a code is no failure. */
  readonly [failed]: true;
}

const marked = <Code extends string>(error: Error, code: Code): Failure<Code> =>
  Object.assign(error, { code }) as Error as Failure<Code>; // the mark exists in the type only

/**
 * A failure that the module declares in `errors`: `fail('OUT_OF_STOCK', { available: 3 })`.
 *
 * The client gets the code, the declared message, and `details`.
 */
export const fail = <const Code extends string>(
  code: Code,
  details?: Readonly<Record<string, unknown>>,
): Failure<Code> => marked(new DomainError(code, details), code);

const given =
  <const Code extends GivenCode>(code: Code) =>
  (message: string, details?: Readonly<Record<string, unknown>>): Failure<Code> =>
    marked(new GatewayError(code, message, { details }), code);

/** What was asked for does not exist, and null would not say so. The client reads the message. */
export const notFound = given('NOT_FOUND');

/** An argument is not acceptable. The client reads the message. */
export const badInput = given('BAD_USER_INPUT');

/** The caller may not see or do this. The message is for operators. */
export const forbidden = given('FORBIDDEN');

/** Codes of the failures that need no declaration. */
export type GivenCode = 'NOT_FOUND' | 'BAD_USER_INPUT' | 'FORBIDDEN';
