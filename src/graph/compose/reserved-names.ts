import { createHash } from 'node:crypto';

/**
 * Names that the gateway adds to a module's schema. All begin with `_`, which is reserved, and none is in the public
 * schema.
 */

/** The scalar of all keys, whatever fields they have. */
export const KEY_SCALAR = '_Key';

/** Prefix of key aliases: copies of key fields for joins. No alias of a client can have this name. */
export const KEY_ALIAS_PREFIX = '_key_';

export const keyAlias = (field: string): string => KEY_ALIAS_PREFIX + field;

/** Name of a field in its module: a hidden copy of a key field has the name of that field. */
export const ownName = (name: string): string =>
  name.startsWith(KEY_ALIAS_PREFIX) ? name.slice(KEY_ALIAS_PREFIX.length) : name;

const NEED_MARKER_PREFIX = '_has_';

/** A field of a type that has the field `field`, without a value. */
export const needMarker = (field: string): string => NEED_MARKER_PREFIX + field;

/** The field that a marker stands for; other names unchanged. */
export const markedName = (name: string): string =>
  name.startsWith(NEED_MARKER_PREFIX) ? name.slice(NEED_MARKER_PREFIX.length) : name;

/**
 * A field of every namespace, without a value. graphql-tools joins a type only by fields that its modules have, and a
 * namespace has no key.
 */
export const NAMESPACE_MARKER = '_namespace';

/** Response key of a needed field with arguments or a selection: another one for each text, whichever module needs it. */
export const needAlias = (field: string, text: string): string =>
  `${keyAlias(field)}_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

/** The entry point of a module for entities of one type. */
export const entryPoint = (module: string, type: string): string => `_${module.replaceAll('-', '_')}_${type}`;

/** The entry point for one of the keys of a type; the first has the name of the type alone. */
export const keyEntryPoint = (module: string, type: string, at: number): string =>
  at === 0 ? entryPoint(module, type) : `${entryPoint(module, type)}_key${at}`;

/** The entry point for fields that are computed from fields of other modules. */
export const computedEntryPoint = (entry: string): string => `${entry}_computed`;

export const hasReservedName = (name: string): boolean => name.startsWith('_') && !name.startsWith('__');
