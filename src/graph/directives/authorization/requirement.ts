import type { ConstDirectiveNode } from 'graphql';
import { directiveUses } from '../type-parts.ts';

/** Alternatives: all names of at least one list. */
export type AnyOfAll = readonly (readonly string[])[];

/** A use of @policy, with names of policies of one module. */
export interface PolicyUse {
  readonly module: string;
  readonly anyOf: AnyOfAll;
}

/** Conditions of resolving a field. All must hold. */
export interface Requirement {
  /** Set by @authenticated. Required scopes imply it. */
  readonly authenticated: boolean;
  readonly scopes: readonly AnyOfAll[];
  readonly policies: readonly PolicyUse[];
}

/** Requirements by coordinate, `Type.field`. A field without an entry is public. */
export type Requirements = ReadonlyMap<string, Requirement>;

export const coordinate = (type: string, field: string): string => `${type}.${field}`;

/** `Type.field(argument:)` */
export const argumentCoordinate = (type: string, field: string, argument: string): string =>
  `${coordinate(type, field)}(${argument}:)`;

const isText = (value: unknown): value is string => typeof value === 'string';

/** Reads a list of lists; invalid lists are dropped, so that they admit no principal. */
const anyOfAll = (value: unknown): AnyOfAll =>
  Array.isArray(value) ? value.filter((all) => Array.isArray(all) && all.every(isText)) : [];

/** The requirement that directives of a module's SDL state. */
export const written = (module: string, directives: readonly ConstDirectiveNode[] | undefined): Requirement => ({
  authenticated: directiveUses(directives, 'authenticated').length > 0,
  scopes: directiveUses(directives, 'requiresScopes').map(({ scopes }) => anyOfAll(scopes)),
  policies: directiveUses(directives, 'policy').map(({ policies }) => ({ module, anyOf: anyOfAll(policies) })),
});

const both = (a: Requirement, b: Requirement): Requirement => ({
  authenticated: a.authenticated || b.authenticated,
  scopes: [...a.scopes, ...b.scopes],
  policies: [...a.policies, ...b.policies],
});

export const NONE: Requirement = { authenticated: false, scopes: [], policies: [] };

export const isNone = ({ authenticated, scopes, policies }: Requirement): boolean =>
  !authenticated && scopes.length === 0 && policies.length === 0;

export const all = (requirements: readonly Requirement[]): Requirement => requirements.reduce(both, NONE);
