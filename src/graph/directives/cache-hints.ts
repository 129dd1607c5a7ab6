import type { ConstDirectiveNode } from 'graphql';
import { coordinate } from './authorization/requirement.ts';
import { directiveUses, type ModuleDocument, typeParts } from './type-parts.ts';

/** One use of @cacheControl. */
export interface CacheHint {
  /** In seconds. */
  readonly maxAge?: number | undefined;
  readonly isPrivate: boolean;
  readonly inherits: boolean;
}

/** Hints of a field in one module. */
export interface FieldHints {
  readonly module: string;
  /** Hint of the field itself. */
  readonly own: CacheHint;
  /** Hint of the field's type in this module. */
  readonly ofType: CacheHint;
  /** True for a field with a rate limit. */
  readonly isLimited: boolean;
}

/** Hints of every field of every object type, by coordinate: one entry for each module that provides the field. */
export type CacheHints = ReadonlyMap<string, readonly FieldHints[]>;

const NO_HINT: CacheHint = { isPrivate: false, inherits: false };

const hintIn = (directives: readonly ConstDirectiveNode[] | undefined): CacheHint => {
  const [hint] = directiveUses(directives, 'cacheControl');
  if (hint === undefined) return NO_HINT;
  const { maxAge, scope, inheritMaxAge } = hint;
  return {
    // Invalid numbers disable caching.
    maxAge: maxAge === undefined || maxAge === null ? undefined : Math.max(0, Math.floor(Number(maxAge)) || 0),
    isPrivate: scope === 'PRIVATE',
    inherits: inheritMaxAge === true,
  };
};

/** Hints of types by module and type. Each applies to the fields of its module only. */
export type TypeHints = ReadonlyMap<string, CacheHint>;

/** `<module>:<Type>` */
export const typeIn = (module: string, type: string): string => `${module}:${type}`;

export const cacheHintsOf = (documents: readonly ModuleDocument[]): { fields: CacheHints; types: TypeHints } => {
  const fields = new Map<string, FieldHints[]>();
  const types = new Map<string, CacheHint>();
  for (const part of typeParts(documents)) {
    const ofType = hintIn(part.directives);
    if (ofType !== NO_HINT || !types.has(typeIn(part.module, part.name)))
      types.set(typeIn(part.module, part.name), ofType);
    for (const field of part.fields) {
      const at = coordinate(part.name, field.name.value);
      const hints = fields.get(at) ?? [];
      const isLimited = [field.directives, part.directives].some((list) => directiveUses(list, 'rateLimit').length > 0);
      hints.push({ module: part.module, own: hintIn(field.directives), ofType, isLimited });
      fields.set(at, hints);
    }
  }
  return { fields, types };
};
