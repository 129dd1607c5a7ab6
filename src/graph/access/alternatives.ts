import { createHash } from 'node:crypto';
import { roleOf } from '../directives/authorization/policies.ts';
import type { AnyOfAll, Requirement } from '../directives/authorization/requirement.ts';

/** Conditions that hold together: `signed in`, `scope a`, `role b`, `policy c of module`. None: every caller. */
export type Alternative = readonly string[];

/** The callers with access: those that meet one of the alternatives. */
export type Access = readonly Alternative[];

const SIGNED_IN = 'signed in';

/** Every caller. */
export const EVERYONE: Access = [[]];

/** Maximum number of alternatives. With more, the conditions that all have in common are kept, and a mark of the set. */
const MAX_ALTERNATIVES = 32;

/** Stands for more alternatives than are kept. Different sets have different marks. */
const markOf = (alternatives: Access): string => {
  const all = alternatives.map((one) => one.join('\n')).toSorted();
  const digest = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 12);
  return `one of ${alternatives.length} alternatives (${digest})`;
};

const isMark = (condition: string): boolean => condition.startsWith('one of ');

const isOfIdentity = (condition: string): boolean => /^(?:scope|role) /.test(condition);

/** Adds what a condition implies: scopes and roles are those of a caller that is signed in. */
const complete = (conditions: Iterable<string>): Alternative => {
  const all = new Set(conditions);
  if ([...all].some(isOfIdentity)) all.add(SIGNED_IN);
  return [...all].toSorted();
};

/** True if each caller that meets `strict` also meets `loose`, as if every caller met a mark. */
const implies = (strict: Alternative, loose: Alternative): boolean =>
  loose.every((one) => isMark(one) || strict.includes(one));

/** True if all callers of `narrow` are certainly callers of `wide`: a mark is met by itself only. */
export const isCertainlyWithin = (narrow: Access, wide: Access): boolean =>
  narrow.every((strict) => wide.some((loose) => loose.every((one) => strict.includes(one))));

/** True if all callers of `narrow` are callers of `wide`, as if every caller met a mark: sums of paths end. */
export const isWithin = (narrow: Access, wide: Access): boolean =>
  narrow.every((strict) => wide.some((loose) => implies(strict, loose)));

const reduced = (access: Access): Access => {
  const kept: Alternative[] = [];
  for (const one of access.toSorted((a, b) => a.length - b.length))
    if (!kept.some((loose) => implies(one, loose))) kept.push(one);
  if (kept.length <= MAX_ALTERNATIVES) return kept;
  const [first = [], ...others] = kept;
  // Wider than the truth, never narrower.
  const common = first.filter((condition) => others.every((other) => other.includes(condition)));
  return [[...common, markOf(kept)].toSorted()];
};

/** The callers of both. */
export const both = (a: Access, b: Access): Access =>
  reduced(a.flatMap((one) => b.map((other) => complete([...one, ...other]))));

/** The callers of either. */
export const either = (a: Access, b: Access): Access => reduced([...a, ...b]);

const anyOf = (lists: AnyOfAll, condition: (name: string) => string): Access =>
  reduced(lists.map((all) => complete(all.map(condition))));

const policyCondition =
  (module: string) =>
  (name: string): string => {
    const role = roleOf(name);
    return role === null ? `policy ${name} of ${module}` : `role ${role}`;
  };

/** The callers that meet a requirement. */
export const accessOf = ({ authenticated, scopes, policies }: Requirement): Access =>
  [
    authenticated ? [[SIGNED_IN]] : EVERYONE,
    ...scopes.map((lists) => anyOf(lists, (name) => `scope ${name}`)),
    ...policies.map(({ module, anyOf: lists }) => anyOf(lists, policyCondition(module))),
  ].reduce(both);

const shown = (alternative: Alternative): string => {
  const conditions = alternative.some(isOfIdentity) ? alternative.filter((one) => one !== SIGNED_IN) : alternative;
  return conditions.length === 0 ? 'everyone' : conditions.join(' and ');
};

/** Access as text: `role admin, or policy own-order of orders`. */
export const accessText = (access: Access): string =>
  access.length === 0 ? 'nobody' : access.map(shown).join(', or ');
