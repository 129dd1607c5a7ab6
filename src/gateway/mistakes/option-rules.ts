/** What to do about a value, as an imperative; null where it is right. Types are no help to whoever writes JavaScript. */
export type Rule = (value: unknown) => string | null;

/** Options that belong together, or all that an upstream has. */
export interface OptionGroup {
  readonly options: Readonly<Record<string, Rule | OptionGroup>>;
  /** What may stand in place of the whole group. */
  readonly instead?: readonly boolean[];
  /** Options that have no default, each with an example. */
  readonly required?: Readonly<Record<string, string>>;
  /** Two numbers, each right by itself, of which the first must not be larger. Asked where nothing else is wrong. */
  readonly ordered?: (options: Readonly<Record<string, unknown>>) => readonly Ordered[];
}

/** One value and its name, and another that must not be smaller. */
export interface Ordered {
  readonly low: readonly [name: string, value: number];
  readonly high: readonly [name: string, value: number];
}

/** A rule for every option that a type has, so that none can be forgotten. */
export type RulesFor<Options> = { readonly [Name in keyof Required<Options>]: Rule | OptionGroup };

/** The longest that a timer of Node waits: with more it fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

const number =
  (least: number, most: number, what: string): Rule =>
  (value) =>
    isNumber(value, least, most) ? null : `give ${what}`;

export const milliseconds = (least: number): Rule =>
  number(least, LONGEST_MS, `a number of milliseconds from ${least} to ${LONGEST_MS}`);

/** 0 to 1, both included. */
export const share: Rule = number(0, 1, 'a number from 0 to 1');

export const from = (least: number): Rule => number(least, Number.MAX_VALUE, `a number from ${least}`);

/** For what has a default that is no limit in itself. */
export const positive: Rule = number(Number.MIN_VALUE, Number.MAX_VALUE, 'a number above 0, or none');

/** Above 0, and 1 at most. */
export const shareAboveNone: Rule = number(Number.MIN_VALUE, 1, 'a number above 0, and 1 at most');

/** Above 0 and below 1. */
export const between: Rule = number(Number.MIN_VALUE, 1 - Number.EPSILON, 'a number above 0 and below 1');

export const whole =
  (least: number): Rule =>
  (value) =>
    isNumber(value, least, Number.MAX_SAFE_INTEGER) && Number.isInteger(value)
      ? null
      : `give a whole number from ${least}`;

export const oneOf =
  (...values: readonly unknown[]): Rule =>
  (value) =>
    values.includes(value) ? null : `give ${values.map((each) => JSON.stringify(each)).join(' or ')}`;

export const text: Rule = (value) => (typeof value === 'string' && value !== '' ? null : 'give a text');

export const listOf =
  (rule: Rule): Rule =>
  (value) => {
    if (!Array.isArray(value)) return 'give a list, in brackets';
    const entries: readonly unknown[] = value;
    return entries.reduce<string | null>((remedy, entry) => remedy ?? rule(entry), null);
  };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const LONGEST_SHOWN = 60;

/** A value as a message shows it, in one line that nobody has to scroll. */
export const shown = (value: unknown): string => {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST_SHOWN)) : String(value);
  try {
    // JSON knows no NaN and no undefined, and would show null, or nothing.
    const isJson = (part: unknown) => part !== undefined && (typeof part !== 'number' || Number.isFinite(part));
    const json = JSON.stringify(value, (_, part: unknown) => (isJson(part) ? part : String(part)));
    if (json.length <= LONGEST_SHOWN) return json;
  } catch {
    // It holds itself, or says what it is in a way that fails.
  }
  return Array.isArray(value) ? 'a list' : 'an object';
};
