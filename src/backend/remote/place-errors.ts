import type { ServiceError } from '../bind/graphql-answer.ts';

/** The value at the end of a path, and where it is; null if the data has no such place. */
const nullAt = (
  data: unknown,
  path: ServiceError['path'],
): { readonly holder: object; readonly step: string | number } | null => {
  let holder: unknown = data;
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, step)) return null;
    const value: unknown = Reflect.get(holder, step);
    if (value === null || value instanceof Error) return { holder, step };
    holder = value;
  }
  return null;
};

/**
 * Puts each error of a response in the place of the null that it explains: at its path, or above it if the null has
 * propagated. The first error of a place stays. Returns the errors without a place.
 */
export const placeErrors = (data: unknown, errors: readonly ServiceError[]): readonly ServiceError[] =>
  errors.filter(({ path, error }) => {
    const place = nullAt(data, path);
    if (place === null) return true;
    if (Reflect.get(place.holder, place.step) === null) Reflect.set(place.holder, place.step, error);
    return false;
  });
