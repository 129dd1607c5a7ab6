import type { ConstDirectiveNode } from 'graphql';
import { coordinate } from './requirement.ts';
import { type ModuleDocument, typeParts, uses } from './sdl-nodes.ts';

/** What @cacheControl says at one place. */
export interface CacheHint {
  /** In seconds. */
  readonly maxAge?: number | undefined;
  readonly isPrivate: boolean;
  readonly inherits: boolean;
}

/** A field as one module gives it. */
export interface FieldHints {
  readonly module: string;
  /** Of the field itself. */
  readonly own: CacheHint;
  /** Of the field's type, as this module writes it. */
  readonly ofType: CacheHint;
  /** Whether it counts against a limit. */
  readonly isLimited: boolean;
}

/** Hints of every field of every object type, by coordinate: one entry for each module that gives the field. */
export type CacheHints = ReadonlyMap<string, readonly FieldHints[]>;

const NO_HINT: CacheHint = { isPrivate: false, inherits: false };

const hintIn = (directives: readonly ConstDirectiveNode[] | undefined): CacheHint => {
  const [hint] = uses(directives, 'cacheControl');
  if (hint === undefined) return NO_HINT;
  const { maxAge, scope, inheritMaxAge } = hint;
  return {
    // What is no number of seconds keeps nothing.
    maxAge: maxAge === undefined || maxAge === null ? undefined : Math.max(0, Math.floor(Number(maxAge)) || 0),
    isPrivate: scope === 'PRIVATE',
    inherits: inheritMaxAge === true,
  };
};

/** A type-level hint as one module writes it: it speaks for that module's fields only. */
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
      const isLimited = [field.directives, part.directives].some((list) => uses(list, 'rateLimit').length > 0);
      hints.push({ module: part.module, own: hintIn(field.directives), ofType, isLimited });
      fields.set(at, hints);
    }
  }
  return { fields, types };
};
