import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { Field } from '../plan/plan.ts';

/** Converts a thrown value to an Error. Never throws, even if the value cannot be converted to a string. */
export const asError = (thrown: unknown): Error => {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
    return new Error(String(thrown), { cause: thrown });
  } catch {
    return new Error('A value was thrown that cannot be converted to a string.', { cause: thrown });
  }
};

/** Marks a failed value in a result object until the response is built. */
export class FieldFailure {
  readonly error: Error;

  constructor(error: unknown) {
    this.error = asError(error);
  }
}

/** The error for null in a non-null field. */
export const nullNotAllowed = ({ parent, name }: Field): Error =>
  new TypeError(`Cannot return null for non-nullable field ${parent.name}.${name}.`);

/** The error for a non-null field of an entity that its module does not find: the reference is dangling. */
export const noSuchEntity = (): GatewayError => new GatewayError('NOT_FOUND', 'Not found.');

/**
 * True if an error is a backend's "not found", which means that the row does not exist. HTTP 404 and 410 and gRPC's
 * NOT_FOUND have this code, unless the module's `errorCodes` changes it.
 */
export const isAbsence = (error: unknown): boolean =>
  error instanceof UpstreamError && error.code === 'NOT_FOUND' && error.failure === null;
