/**
 * Names that the gateway adds to a module's schema. All begin with `_`, which modules may not use, and none is in the
 * public schema.
 */

/** The scalar that carries a key, whatever fields it has. */
export const KEY_SCALAR = '_Key';

/** A copy of a key field, under a name that no alias of a client can take: joins read keys from it. */
export const TWIN_PREFIX = '_key_';

export const twinOf = (field: string): string => TWIN_PREFIX + field;

/** The entry point through which a module is asked for entities of one of its types. */
export const entryPoint = (module: string, type: string): string => `_${module.replaceAll('-', '_')}_${type}`;

/** The one for fields that are computed from another module's. */
export const computedEntryPoint = (module: string, type: string): string => `${entryPoint(module, type)}_computed`;

export const isHidden = (name: string): boolean => name.startsWith('_') && !name.startsWith('__');
