import { z } from 'zod';
import { nearestSuggestion } from '../core/suggest.ts';

/** Returns the fix of an invalid value, as an imperative; null for a valid value. */
export type Fix = (value: unknown) => string | null;

/** Schema of an option. JavaScript modules have no type check, therefore `fix` receives any value. */
export const option = <Value>(fix: Fix) =>
  // `abort`: rules between options run only if each option alone is valid.
  z.custom<Value>((value) => fix(value) === null, { abort: true, error: ({ input }) => fix(input) ?? undefined });

/** Maximum delay of a timer in Node: with more it fires immediately. */
const MAX_MS = 2 ** 31 - 1;

const number = (least: number, most: number, what: string) =>
  option<number>((value) => (typeof value === 'number' && value >= least && value <= most ? null : `use ${what}`));

export const milliseconds = (least: number) =>
  number(least, MAX_MS, `a number of milliseconds from ${least} to ${MAX_MS}`);

export const atLeast = (least: number) => number(least, Number.MAX_VALUE, `a number of at least ${least}`);

/** 0 to 1, both included. */
export const shareOption = number(0, 1, 'a number from 0 to 1');

/** Above 0, at most 1. */
export const shareAboveNone = number(Number.MIN_VALUE, 1, 'a number above 0, at most 1');

/** Above 0 and below 1. */
export const percentileOption = number(Number.MIN_VALUE, 1 - Number.EPSILON, 'a number above 0 and below 1');

export const positiveOption = number(Number.MIN_VALUE, Number.MAX_VALUE, 'a number above 0, or remove it');

export const whole = (least: number) =>
  option<number>((value) =>
    Number.isSafeInteger(value) && Number(value) >= least ? null : `use a whole number of at least ${least}`,
  );

export const oneOfOption = <const Value>(...values: readonly Value[]) =>
  option<Value>((value) =>
    values.some((each) => each === value) ? null : `use ${values.map((each) => JSON.stringify(each)).join(' or ')}`,
  );

/** One of the names. A similar name is suggested. */
export const nameFix =
  (names: readonly string[], otherwise: string): Fix =>
  (value) => {
    if (typeof value === 'string' && names.includes(value)) return null;
    const suggestion = typeof value === 'string' ? nearestSuggestion(value, names) : null;
    return suggestion === null ? otherwise : `use ${suggestion} instead of ${shownValue(value)}`;
  };

export const textFix: Fix = (value) => (typeof value === 'string' && value !== '' ? null : 'use a string');

/** A list of valid entries; `fix` is that of one entry. */
export const listOption = <Entry>(fix: Fix) =>
  option<readonly Entry[]>((value) => {
    if (!Array.isArray(value)) return 'use a list, in brackets';
    const entries: readonly unknown[] = value;
    return entries.reduce<string | null>((found, entry) => found ?? fix(entry), null);
  });

/** An option without a default, with an example. */
export const required = <Value>(example: string, fix: Fix) =>
  option<Value>((value) => (value === undefined ? `add it, as in ${example}` : fix(value)));

const AN_OBJECT = 'use an object with its options';

/** A group of options. Unknown names are rejected. */
export const group = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: ({ code }) => (code === 'invalid_type' ? AN_OBJECT : undefined) });

/** Returns the schema with named types: messages of the compiler show the name instead of all options. */
export const named = <Settings, Options>(schema: z.ZodType<Settings, Options>): z.ZodType<Settings, Options> => schema;

/** A group that false turns off; its settings are null then. */
export const orOff = <Settings, Options>(options: z.ZodType<Settings, Options>) =>
  z.union([z.literal(false).transform(() => null), options], `${AN_OBJECT}, or false`);

/** A group that is off by default; true turns it on with all defaults. */
export const offByDefault = <Settings, Options>(options: z.ZodType<Settings, Options>) =>
  z
    .union(
      [z.literal(false).transform(() => null), z.literal(true).transform(() => options.parse({})), options],
      `${AN_OBJECT}, or true, or false`,
    )
    .default(null);

/** A rule of the group at `path`: the first option must not be larger than the second. Defaults count. */
export const ordered =
  <Name extends string>(low: Name, high: Name, path: readonly string[] = []) =>
  (settings: Readonly<Record<Name, number>>, context: z.RefinementCtx): void => {
    const [least, most] = [settings[low], settings[high]];
    if (least <= most) return;
    const params = { shown: `${least}, more than ${high}, which is ${most}` };
    context.addIssue({
      code: 'custom',
      path: [...path, low],
      params,
      message: `use a smaller ${low}, or a larger ${high}`,
    });
  };

/** Schema of an option of a group, or of an entry of a list of groups; undefined for none. */
export const optionAt = (schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return def.element;
  return def.type === 'readonly' ? optionAt(def.innerType, step) : optionsOf(schema)?.[String(step)];
};

/** Schemas of the options of a group, by name; null for a schema that is no group. */
export const optionsOf = (schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | null => {
  // Every schema of zod is a member of this union, discriminated by `type`.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return def.shape;
    case 'default':
    case 'prefault':
    case 'optional':
      return optionsOf(def.innerType);
    case 'pipe':
      return optionsOf(def.in);
    case 'union':
      // Earlier alternatives are true and false.
      return optionsOf(def.options.at(-1) ?? z.never());
    default:
      return null;
  }
};

const MAX_SHOWN_LENGTH = 60;

/** A value for a message, in one line of limited length. */
export const shownValue = (value: unknown): string => {
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
