import { GatewayError, UpstreamError } from '../errors.ts';
import type { Field } from './plan.ts';

/** What was thrown, as an Error. Never throws itself, though what was thrown may have no words, or none that can be read. */
export const asError = (thrown: unknown): Error => {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
    return new Error(String(thrown), { cause: thrown });
  } catch {
    return new Error('What was thrown cannot be put in words.', { cause: thrown });
  }
};

/** Stands in the answer where a value failed, until the answer is put together. */
export class Failure {
  readonly error: Error;

  constructor(error: unknown) {
    this.error = asError(error);
  }
}

/** What it is for a field to be null where its type does not allow that. */
export const nullNotAllowed = ({ parent, name }: Field): Error =>
  new TypeError(`Cannot return null for non-nullable field ${parent.name}.${name}.`);

/** The error of a non-null field of an entity that its module does not know: the reference to it is dangling. */
export const noSuchEntity = (): GatewayError => new GatewayError('NOT_FOUND', 'Not found.');

/** True for a backend's "not found", which says that there is no such row. */
export const isAbsence = (error: unknown): boolean => error instanceof UpstreamError && error.code === 'NOT_FOUND';
