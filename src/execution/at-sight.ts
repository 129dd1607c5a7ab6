import { isPlain } from './plain.ts';
import type { Answers, Field, Fill, Open, Out } from './plan.ts';

/**
 * Most fields of an answer are properties of a row that go into it as they are. Here is what reads all of those of one row at once, as
 * one would write it by hand: code that is made for a selection once it is used enough, and that V8 then knows everything of.
 *
 * It never decides what a field is that is anything else: a row of which one does not fit, or cannot be read, is left to columns. So is
 * one that is no plain object: its properties may be getters, which ask somebody, or make a promise that nobody would hear of.
 */

/** In code, whether a value is one that a standard scalar takes as it is. */
const FITS: Readonly<Record<string, (value: string) => string>> = {
  String: (value) => `typeof ${value} === 'string'`,
  ID: (value) => `(typeof ${value} === 'string' || Number.isInteger(${value}))`,
  Boolean: (value) => `typeof ${value} === 'boolean'`,
  Int: (value) => `(typeof ${value} === 'number' && (${value} | 0) === ${value})`,
  Float: (value) => `Number.isFinite(${value})`,
};

/** In code, what a standard scalar hands out for it, where that is not the value itself: backends have numbers for ids. */
const GIVES: Readonly<Record<string, (value: string) => string>> = {
  ID: (value) => `String(${value})`,
};

/** A function or an object may be a promise, or want to be called. */
const isSimple = (value: string): string => `(typeof ${value} !== 'object' && typeof ${value} !== 'function')`;

/** Whether nothing but a property of the row, and nobody but the row, has a say in a field. */
export const isAtSight = ({ read, shape, guard, args, joins }: Field): boolean =>
  read.is === 'property' && shape.is === 'leaf' && guard === null && args.are !== 'variable' && joins === null;

const bySerializer = (at: number) => (value: string) => `serializers[${at}](${value})`;

interface Reading {
  /** Statements that read the properties. */
  readonly read: string;
  /** Whether all fit. */
  readonly fit: string;
  /** By response key, what goes there. */
  readonly values: ReadonlyMap<string, string>;
  readonly serializers: readonly ((value: unknown) => unknown)[];
}

const readingOf = (fields: readonly Field[]): Reading => {
  const fits: string[] = [];
  const values = new Map<string, string>();
  const serializers: ((value: unknown) => unknown)[] = [];
  fields.forEach(({ key, shape }, at) => {
    if (shape.is !== 'leaf') return;
    const value = `v${at}`;
    const standard = shape.isFit === null ? undefined : FITS[shape.type];
    const fit = (standard ?? isSimple)(value);
    const gives = standard === undefined ? bySerializer(serializers.push(shape.serialize) - 1) : GIVES[shape.type];
    const out = gives?.(value) ?? value;
    const isNull = `${value} === null || ${value} === undefined`;
    fits.push(shape.nonNull ? fit : `(${isNull} || ${fit})`);
    values.set(key, shape.nonNull ? out : `(${isNull} ? null : ${out})`);
  });
  // Names of GraphQL hold nothing that would end a string.
  const read = fields.map(({ name }, at) => `const v${at} = row["${name}"];`).join(' ');
  return { read, fit: fits.join(' && ') || 'true', values, serializers };
};

const made = (code: string, serializers: Reading['serializers']): unknown =>
  new Function('serializers', 'isPlain', `return ${code};`)(serializers, isPlain);

const literal = (answers: Answers, values: ReadonlyMap<string, string>): string =>
  `{ ${[...answers]
    .map(([key, answer]) => `"${key}": ${typeof answer === 'string' ? `"${answer}"` : (values.get(key) ?? 'null')}`)
    .join(', ')} }`;

const isField = (answer: Field | string): answer is Field => typeof answer !== 'string';

const makeOpen = (answers: Answers): Open => {
  const { read, fit, values, serializers } = readingOf([...answers.values()].filter(isField).filter(isAtSight));
  const code = `(row, rows) => {
    if (isPlain(row)) try { ${read} if (${fit}) return ${literal(answers, values)}; } catch {}
    rows.areRead = false;
    return ${literal(answers, new Map())};
  }`;
  return made(code, serializers) as Open; // the code says so
};

const makeFill = (fields: readonly Field[]): Fill => {
  const { read, fit, values, serializers } = readingOf(fields);
  // All are made before any is put: the last of them may throw.
  const puts = [...values].map(([key, value], at) => ({ key, name: `o${at}`, value }));
  const make = puts.map(({ name, value }) => `const ${name} = ${value};`).join(' ');
  const put = puts.map(({ key, name }) => `out["${key}"] = ${name};`).join(' ');
  const code = `(row, out) => {
    if (isPlain(row)) try { ${read} if (${fit}) { ${make} ${put} return true; } } catch {}
    return false;
  }`;
  return made(code, serializers) as Fill; // the code says so
};

/** How many rows have to be made before code is made for them: what is asked once is not worth it. */
export const DEFAULT_ROWS_BEFORE_CODE = 200;

/** Makes objects with all keys of an answer, in order: what arrives later has its place. */
export const openerOf = (answers: Answers, rowsBeforeCode: number): Open => {
  const entries = [...answers].map(([key, answer]) => [key, typeof answer === 'string' ? answer : null]);
  // Parsed, an object has room for just its keys, and so have its copies; one that grew key by key keeps some of them elsewhere.
  const template: Out = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
  let left = rowsBeforeCode;
  const plain: Open = (_row, rows) => {
    rows.areRead = false;
    return { ...template };
  };
  let open: Open | null = null;
  return (row, rows) => {
    if (open !== null) return open(row, rows);
    left -= 1;
    if (left < 0) open = makeOpen(answers);
    return (open ?? plain)(row, rows);
  };
};

/** Fills in what other modules give of rows. */
export const fillerOf = (fields: readonly Field[], rowsBeforeCode: number): Fill => {
  let left = rowsBeforeCode;
  let fill: Fill | null = null;
  return (row, out) => {
    if (fill !== null) return fill(row, out);
    left -= 1;
    if (left < 0) fill = makeFill(fields);
    return fill?.(row, out) ?? false;
  };
};
