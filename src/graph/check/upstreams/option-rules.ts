/**
 * Checks a value and returns the fix as an imperative; null for a valid value. JavaScript modules have no type check.
 */
export type Rule = (value: unknown) => string | null;

/** A group of options, or all options of an upstream. */
export interface OptionGroup {
  readonly options: Readonly<Record<string, Rule | OptionGroup>>;
  /** Values that may replace the whole group. */
  readonly instead?: readonly boolean[];
  /** Options without a default, each with an example. */
  readonly required?: Readonly<Record<string, string>>;
  /** Pairs of numbers of which the first must not be larger. Checked only if each option alone is valid. */
  readonly ordered?: (options: Readonly<Record<string, unknown>>) => readonly Ordered[];
}

/** A value with its name, and another that must not be smaller. */
export interface Ordered {
  readonly low: readonly [name: string, value: number];
  readonly high: readonly [name: string, value: number];
}

/** A rule for every option of a type: a forgotten one does not compile. */
export type RulesFor<Options> = { readonly [Name in keyof Required<Options>]: Rule | OptionGroup };

/** Maximum delay of a timer in Node: with more it fires immediately. */
const MAX_MS = 2 ** 31 - 1;

const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

const number =
  (least: number, most: number, what: string): Rule =>
  (value) =>
    isNumber(value, least, most) ? null : `use ${what}`;

export const milliseconds = (least: number): Rule =>
  number(least, MAX_MS, `a number of milliseconds from ${least} to ${MAX_MS}`);

/** 0 to 1, both included. */
export const shareRule: Rule = number(0, 1, 'a number from 0 to 1');

export const from = (least: number): Rule => number(least, Number.MAX_VALUE, `a number of at least ${least}`);

/** For options that have no limit by default. */
export const positiveRule: Rule = number(Number.MIN_VALUE, Number.MAX_VALUE, 'a number above 0, or remove it');

/** Above 0, at most 1. */
export const shareAboveNone: Rule = number(Number.MIN_VALUE, 1, 'a number above 0, at most 1');

/** Above 0 and below 1. */
export const between: Rule = number(Number.MIN_VALUE, 1 - Number.EPSILON, 'a number above 0 and below 1');

export const whole =
  (least: number): Rule =>
  (value) =>
    isNumber(value, least, Number.MAX_SAFE_INTEGER) && Number.isInteger(value)
      ? null
      : `use a whole number of at least ${least}`;

export const oneOfRule =
  (...values: readonly unknown[]): Rule =>
  (value) =>
    values.includes(value) ? null : `use ${values.map((each) => JSON.stringify(each)).join(' or ')}`;

export const text: Rule = (value) => (typeof value === 'string' && value !== '' ? null : 'use a string');

export const listRule =
  (rule: Rule): Rule =>
  (value) => {
    if (!Array.isArray(value)) return 'use a list, in brackets';
    const entries: readonly unknown[] = value;
    return entries.reduce<string | null>((fix, entry) => fix ?? rule(entry), null);
  };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MAX_SHOWN_LENGTH = 60;

/** A value for a message, in one line of limited length. */
export const shown = (value: unknown): string => {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_SHOWN_LENGTH)) : String(value);
  try {
    // JSON would show NaN as null, and leave out undefined.
    const isJson = (part: unknown) => part !== undefined && (typeof part !== 'number' || Number.isFinite(part));
    const json = JSON.stringify(value, (_, part: unknown) => (isJson(part) ? part : String(part)));
    if (json.length <= MAX_SHOWN_LENGTH) return json;
  } catch {
    // It contains itself, or its toJSON throws.
  }
  return Array.isArray(value) ? 'a list' : 'an object';
};
