import type { ConstDirectiveNode } from 'graphql';
import { type ModuleDocument, type TypePart, typeParts, uses } from './sdl-nodes.ts';

/** Any of these lists, and of that list all. */
export type AnyOfAll = readonly (readonly string[])[];

/** A use of @policy, whose names are those of one module. */
export interface PolicyUse {
  readonly module: string;
  readonly anyOf: AnyOfAll;
}

/** What must hold before a field is resolved: everything in it. */
export interface Requirement {
  /** Of @authenticated, and implied by the others. */
  readonly authenticated: boolean;
  readonly scopes: readonly AnyOfAll[];
  readonly policies: readonly PolicyUse[];
}

/** Requirements by coordinate, `Type.field`. A field that is not there is open to everybody. */
export type Requirements = ReadonlyMap<string, Requirement>;

export const coordinate = (type: string, field: string): string => `${type}.${field}`;

const isText = (value: unknown): value is string => typeof value === 'string';

/** As written; a list that is no list of lists of text admits nobody. */
const anyOfAll = (value: unknown): AnyOfAll =>
  Array.isArray(value) ? value.filter((all) => Array.isArray(all) && all.every(isText)) : [];

const written = (module: string, directives: readonly ConstDirectiveNode[] | undefined): Requirement => ({
  authenticated: uses(directives, 'authenticated').length > 0,
  scopes: uses(directives, 'requiresScopes').map(({ scopes }) => anyOfAll(scopes)),
  policies: uses(directives, 'policy').map(({ policies }) => ({ module, anyOf: anyOfAll(policies) })),
});

const both = (a: Requirement, b: Requirement): Requirement => ({
  authenticated: a.authenticated || b.authenticated,
  scopes: [...a.scopes, ...b.scopes],
  policies: [...a.policies, ...b.policies],
});

const NONE: Requirement = { authenticated: false, scopes: [], policies: [] };

const isNone = ({ authenticated, scopes, policies }: Requirement): boolean =>
  !authenticated && scopes.length === 0 && policies.length === 0;

const all = (requirements: readonly Requirement[]): Requirement => requirements.reduce(both, NONE);

/** What is required of one field, by every module that says something of it, its type, or an interface that has it. */
const requirementOf = (type: string, field: string, parts: readonly TypePart[]): Requirement => {
  const own = parts.filter(({ name }) => name === type);
  const implemented = new Set(own.flatMap(({ interfaces }) => interfaces));
  const gives = (type: string): boolean =>
    parts.some(({ name, fields }) => name === type && fields.some((one) => one.name.value === field));
  // An interface may be written in several parts: what one requires covers the fields of all.
  const above = parts.filter(({ name }) => implemented.has(name) && gives(name));
  return all(
    [...own, ...above].map((part) =>
      all([
        written(part.module, part.directives),
        ...part.fields.filter(({ name }) => name.value === field).map((node) => written(part.module, node.directives)),
      ]),
    ),
  );
};

/** A field that is computed from others: `fields` of `type`, by whatever module gives them. */
export interface ComputedField {
  readonly type: string;
  readonly field: string;
  readonly from: readonly string[];
}

/** What shows something of a field requires what the field requires. */
export const inheriting = (requirements: Requirements, computed: readonly ComputedField[]): Requirements => {
  const inherited = new Map(requirements);
  for (const { type, field, from } of computed) {
    const required = all([field, ...from].map((name) => requirements.get(coordinate(type, name)) ?? NONE));
    if (!isNone(required)) inherited.set(coordinate(type, field), required);
  }
  return inherited;
};

/**
 * What is required of every field of every object type. All requirements count: the field's own, its type's (also for fields
 * that other modules add to it), and those of the interfaces that have the field.
 */
export const requirementsOf = (documents: readonly ModuleDocument[]): Requirements => {
  const parts = typeParts(documents);
  const requirements = new Map<string, Requirement>();
  for (const part of parts) {
    if (part.isInterface) continue;
    for (const { name } of part.fields) {
      const requirement = requirementOf(part.name, name.value, parts);
      if (!isNone(requirement)) requirements.set(coordinate(part.name, name.value), requirement);
    }
  }
  return requirements;
};
