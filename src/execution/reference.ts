import { propertyOf } from '../core/property.ts';
import { isPlain } from './run/values.ts';

const TYPENAME = '__typename';

const hasOnly = (row: object, keys: readonly string[]): boolean => {
  for (const name in row) if (!keys.includes(name) && name !== TYPENAME) return false;
  return true;
};

const hasAll = (row: object, keys: readonly string[]): boolean =>
  keys.every((key) => {
    const value = propertyOf(row, key);
    return value !== null && value !== undefined;
  });

/**
 * True if a row is only a reference: a plain object with no properties but its key fields, each with a value.
 * `__typename` is allowed. A module returns such rows for entities that it has not fetched. Never throws.
 */
export const isReference = (row: unknown, keys: readonly string[]): row is object => {
  if (typeof row !== 'object' || row === null) return false;
  try {
    // Names are compared first: the second or third one identifies a complete row, before any property is read.
    return hasOnly(row, keys) && isPlain(row) && hasAll(row, keys);
  } catch {
    return false;
  }
};
