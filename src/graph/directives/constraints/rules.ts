import type { ConstDirectiveNode } from 'graphql';
import { linearPattern } from '../../../core/linear-pattern.ts';
import { directiveUses } from '../type-parts.ts';
import { FORMATS } from './formats.ts';

/** Directive of input rules, with the names and meanings of graphql-constraint-directive. */
export const CONSTRAINT_SDL = `
  "Rules of the values of an argument or input field. Null passes; rules of text and numbers hold for each item of a list."
  directive @constraint(
    minLength: Int, maxLength: Int, startsWith: String, endsWith: String, contains: String, notContains: String,
    pattern: String, format: String,
    min: Float, max: Float, exclusiveMin: Float, exclusiveMax: Float, multipleOf: Float,
    minItems: Int, maxItems: Int
  ) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
`;

/** Rules of one argument or input field, by name. */
export type Rules = ReadonlyMap<string, unknown>;

/** Values that a rule applies to: a text, a number, or the number of items of a list. */
export type RuleTarget = 'text' | 'number' | 'items';

/** A rule by its name in the directive. */
export interface Rule<Value> {
  /** What a value must be, after "must". */
  readonly must: string;
  readonly holds: (value: Value) => boolean;
}

/** Makes a rule of its limit. */
export type NumberLimit<Value> = (limit: number) => Rule<Value>;
export type TextLimit = (limit: string) => Rule<string>;

const SURROGATE_PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

/** Characters of a text, as Unicode code points. */
const lengthOf = (text: string): number => text.length - (text.match(SURROGATE_PAIR)?.length ?? 0);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Rules of the length of a text. */
export const LENGTH_RULES: ReadonlyMap<string, NumberLimit<string>> = new Map<string, NumberLimit<string>>([
  [
    'minLength',
    (limit) => ({
      must: `have at least ${counted(limit, 'character')}`,
      holds: (text) => text.length >= 2 * limit || lengthOf(text) >= limit,
    }),
  ],
  [
    'maxLength',
    (limit) => ({
      must: `have at most ${counted(limit, 'character')}`,
      holds: (text) => text.length <= limit || (text.length <= 2 * limit && lengthOf(text) <= limit),
    }),
  ],
]);

/** Rules of the content of a text. Their texts are public. */
export const TEXT_RULES: ReadonlyMap<string, TextLimit> = new Map<string, TextLimit>([
  ['startsWith', (limit) => ({ must: `start with "${limit}"`, holds: (text) => text.startsWith(limit) })],
  ['endsWith', (limit) => ({ must: `end with "${limit}"`, holds: (text) => text.endsWith(limit) })],
  ['contains', (limit) => ({ must: `contain "${limit}"`, holds: (text) => text.includes(limit) })],
  ['notContains', (limit) => ({ must: `not contain "${limit}"`, holds: (text) => !text.includes(limit) })],
  ['pattern', (limit) => ({ must: `match the pattern ${limit}`, holds: linearPattern(limit).test })],
  ['format', (limit) => ({ must: `have the format ${limit}`, holds: FORMATS.get(limit) ?? (() => false) })],
]);

/** True for a multiple, up to the error of a division of doubles: 0.3 is a multiple of 0.1. */
const isMultiple = (value: number, of: number): boolean => {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 2 * Number.EPSILON;
};

export const NUMBER_RULES: ReadonlyMap<string, NumberLimit<number>> = new Map<string, NumberLimit<number>>([
  ['min', (limit) => ({ must: `be at least ${limit}`, holds: (value) => value >= limit })],
  ['max', (limit) => ({ must: `be at most ${limit}`, holds: (value) => value <= limit })],
  ['exclusiveMin', (limit) => ({ must: `be above ${limit}`, holds: (value) => value > limit })],
  ['exclusiveMax', (limit) => ({ must: `be below ${limit}`, holds: (value) => value < limit })],
  ['multipleOf', (limit) => ({ must: `be a multiple of ${limit}`, holds: (value) => isMultiple(value, limit) })],
]);

/** Rules of the number of items, of the outermost list. */
export const ITEM_RULES: ReadonlyMap<string, NumberLimit<number>> = new Map<string, NumberLimit<number>>([
  ['minItems', (limit) => ({ must: `have at least ${counted(limit, 'item')}`, holds: (count) => count >= limit })],
  ['maxItems', (limit) => ({ must: `have at most ${counted(limit, 'item')}`, holds: (count) => count <= limit })],
]);

/** The target of a rule. */
export const targetOf = (rule: string): RuleTarget => {
  if (NUMBER_RULES.has(rule)) return 'number';
  return ITEM_RULES.has(rule) ? 'items' : 'text';
};

/**
 * Maximum length of a text that a pattern or format is matched against: the default without `maxLength`, and the
 * maximum of `maxLength`.
 */
export const MATCHED_LENGTH = { default: 1_000, max: 10_000 } as const;

/** True for a rule that is matched against a text of bounded length. `byte` is not: its texts are files. */
export const isMatched = (rule: string, limit: unknown): boolean =>
  rule === 'pattern' || (rule === 'format' && limit !== 'byte');

/** The rules of an argument or input field; null without any. */
export const rulesIn = (directives: readonly ConstDirectiveNode[] | undefined): Rules | null => {
  const [used] = directiveUses(directives, 'constraint');
  if (used === undefined) return null;
  const rules = Object.entries(used).filter(([, limit]) => limit !== null);
  return rules.length === 0 ? null : new Map(rules);
};
