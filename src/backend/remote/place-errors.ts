import { GatewayError } from '../../core/errors.ts';
import type { ServiceError } from '../bind/graphql-answer.ts';

/** The value at the end of a path, and where it is; null if the data has no such place. */
const nullAt = (
  data: unknown,
  path: ServiceError['path'],
): { readonly holder: object; readonly step: string | number; readonly depth: number } | null => {
  let holder: unknown = data;
  for (const [at, step] of path.entries()) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, step)) return null;
    const value: unknown = Reflect.get(holder, step);
    if (value === null || value instanceof Error) return { holder, step, depth: at + 1 };
    holder = value;
  }
  return null;
};

/** "Not found" below a null of the data is no absence of the value that is null: the client must receive the error. */
export const nullingError = ({ path, error }: ServiceError, depth: number): Error =>
  error.code === 'NOT_FOUND' && path.length > depth
    ? new GatewayError('NOT_FOUND', 'Not found.', { cause: error })
    : error;

/**
 * Puts each error of a response in the place of the null that it explains: at its path, or above it if the null has
 * propagated. The first error of a place stays. Returns the errors without a place.
 */
export const placeErrors = (data: unknown, errors: readonly ServiceError[]): readonly ServiceError[] =>
  errors.filter((one) => {
    const place = nullAt(data, one.path);
    if (place === null) return true;
    if (Reflect.get(place.holder, place.step) === null)
      Reflect.set(place.holder, place.step, nullingError(one, place.depth));
    return false;
  });
