import { propertyOf } from '../backend/property.ts';
import { isPlain } from './plain.ts';

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
 * True for a row that is only a reference: a plain object whose properties are all key fields, each with a value. `__typename` may
 * be there too. A module hands such rows out for entities that it has not fetched. Never throws.
 */
export const isReference = (row: unknown, keys: readonly string[]): row is object => {
  if (typeof row !== 'object' || row === null) return false;
  try {
    // Names first: the second or third one tells a whole row, and no property has to be read for that.
    return hasOnly(row, keys) && isPlain(row) && hasAll(row, keys);
  } catch {
    return false;
  }
};
