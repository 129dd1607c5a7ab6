import { isServiceRow } from '../backend/remote/service-selection.ts';
import { propertyOf } from '../core/property.ts';
import { isPlain } from './run/values.ts';

const TYPENAME = '__typename';

const hasOnly = (row: object, names: readonly string[]): boolean => {
  for (const name in row) if (!names.includes(name) && name !== TYPENAME) return false;
  return true;
};

const hasAll = (row: object, keys: readonly string[]): boolean =>
  keys.every((key) => {
    const value = propertyOf(row, key);
    return value !== null && value !== undefined;
  });

/**
 * True if a row is only a reference: a plain object with a value in each field of a key, and no properties but those of
 * keys (`names`). `__typename` is allowed. A module returns such rows for entities that it has not fetched. A row of a
 * GraphQL service has every field that was requested of it. Never throws.
 */
export const isReference = (row: unknown, keys: readonly string[], names: readonly string[]): row is object => {
  if (typeof row !== 'object' || row === null) return false;
  try {
    // Names are compared first: the second or third one identifies a complete row, before any property is read.
    return hasOnly(row, names) && isPlain(row) && hasAll(row, keys) && !isServiceRow(row);
  } catch {
    return false;
  }
};
