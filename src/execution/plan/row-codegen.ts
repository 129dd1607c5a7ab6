import { isPlain } from '../run/values.ts';
import type { Answers, CopyPlainFields, CreateResult, Field, ResultObject } from './plan.ts';

/**
 * Generated code that copies the plain properties of a row into its result object in one step. It is generated once a
 * selection has had enough rows.
 *
 * Generated code handles plain properties only. A row with any other value, a row that throws on access, and a row
 * that is not a plain object (its getters may have side effects or return promises) are executed field by field.
 */
// perf: P10

/** Code that tests whether a built-in scalar accepts a value without calling `serialize`. */
const VALIDITY_TESTS: Readonly<Record<string, (value: string) => string>> = {
  String: (value) => `typeof ${value} === 'string'`,
  ID: (value) => `(typeof ${value} === 'string' || Number.isInteger(${value}))`,
  Boolean: (value) => `typeof ${value} === 'boolean'`,
  Int: (value) => `(typeof ${value} === 'number' && (${value} | 0) === ${value})`,
  Float: (value) => `Number.isFinite(${value})`,
};

/** Code that serialises a value of a built-in scalar. Other values stay as they are. Ids of backends may be numbers. */
const SERIALIZED: Readonly<Record<string, (value: string) => string>> = {
  ID: (value) => `String(${value})`,
};

/** Code that tests that a value is neither a function nor an object, and therefore no promise. */
const isPrimitive = (value: string): string => `(typeof ${value} !== 'object' && typeof ${value} !== 'function')`;

/**
 * True if the field is a plain property: a leaf type, without resolver, guard, limit or argument from a variable, and not
 * a join input.
 */
export const isPlainProperty = ({ read, shape, guard, limit, args, joins }: Field): boolean =>
  read.is === 'property' &&
  shape.is === 'leaf' &&
  guard === null &&
  limit === null &&
  args.are !== 'variable' &&
  joins === null;

const bySerializer = (at: number) => (value: string) => `serializers[${at}](${value})`;

/** Generated code that reads plain properties of a row. */
interface Reading {
  /** Statements that read the properties into variables. */
  readonly read: string;
  /** Expression: all values are valid. */
  readonly isValid: string;
  /** Expressions for the result object, by response key. */
  readonly values: ReadonlyMap<string, string>;
  readonly serializers: readonly ((value: unknown) => unknown)[];
}

const readingOf = (fields: readonly Field[]): Reading => {
  const tests: string[] = [];
  const values = new Map<string, string>();
  const serializers: ((value: unknown) => unknown)[] = [];
  fields.forEach(({ key, shape }, at) => {
    if (shape.is !== 'leaf') return;
    const value = `v${at}`;
    const standard = shape.isUnchanged === null ? undefined : VALIDITY_TESTS[shape.type];
    const isValid = (standard ?? isPrimitive)(value);
    const serializer =
      standard === undefined ? bySerializer(serializers.push(shape.serialize) - 1) : SERIALIZED[shape.type];
    const serialized = serializer?.(value) ?? value;
    const isNull = `${value} === null || ${value} === undefined`;
    tests.push(shape.nonNull ? isValid : `(${isNull} || ${isValid})`);
    values.set(key, shape.nonNull ? serialized : `(${isNull} ? null : ${serialized})`);
  });
  // GraphQL names contain no quote and no backslash.
  const read = fields.map(({ name }, at) => `const v${at} = row["${name}"];`).join(' ');
  return { read, isValid: tests.join(' && ') || 'true', values, serializers };
};

const evaluate = (code: string, serializers: Reading['serializers']): unknown =>
  new Function('serializers', 'isPlain', `return ${code};`)(serializers, isPlain);

const literal = (answers: Answers, values: ReadonlyMap<string, string>): string =>
  `{ ${[...answers]
    .map(([key, answer]) => `"${key}": ${typeof answer === 'string' ? `"${answer}"` : (values.get(key) ?? 'null')}`)
    .join(', ')} }`;

const isField = (answer: Field | string): answer is Field => typeof answer !== 'string';

const generateCreateResult = (answers: Answers): CreateResult => {
  const { read, isValid, values, serializers } = readingOf(
    [...answers.values()].filter(isField).filter(isPlainProperty),
  );
  const code = `(row, group) => {
    if (isPlain(row)) try { ${read} if (${isValid}) return ${literal(answers, values)}; } catch {}
    group.arePlainFieldsSet = false;
    return ${literal(answers, new Map())};
  }`;
  return evaluate(code, serializers) as CreateResult; // the generated code has this signature
};

const generateCopy = (fields: readonly Field[]): CopyPlainFields => {
  const { read, isValid, values, serializers } = readingOf(fields);
  // Serialise all values before the first assignment: a serialiser may throw.
  const puts = [...values].map(([key, value], at) => ({ key, name: `o${at}`, value }));
  const make = puts.map(({ name, value }) => `const ${name} = ${value};`).join(' ');
  const put = puts.map(({ key, name }) => `result["${key}"] = ${name};`).join(' ');
  const code = `(row, result) => {
    if (isPlain(row)) try { ${read} if (${isValid}) { ${make} ${put} return true; } } catch {}
    return false;
  }`;
  return evaluate(code, serializers) as CopyPlainFields; // the generated code has this signature
};

/** False if the process forbids code from strings (`--disallow-code-generation-from-strings`). */
const mayGenerateCode = ((): boolean => {
  try {
    new Function('');
    return true;
  } catch {
    return false;
  }
})();

/** Rows that are left before code is generated. */
const rowsLeft = (rowsBeforeCode: number): number => (mayGenerateCode ? rowsBeforeCode : Number.POSITIVE_INFINITY);

/** Rows of a selection before code is generated for it. */
export const DEFAULT_ROWS_BEFORE_CODE = 200;

/**
 * Returns a function that creates result objects with all keys in document order. Later values are assigned to existing
 * keys.
 */
export const resultCreator = (answers: Answers, rowsBeforeCode: number): CreateResult => {
  const template: ResultObject = Object.fromEntries(
    [...answers].map(([key, answer]) => [key, typeof answer === 'string' ? answer : null]),
  );
  let left = rowsLeft(rowsBeforeCode);
  const plain: CreateResult = (_row, group) => {
    group.arePlainFieldsSet = false;
    return { ...template };
  };
  let generated: CreateResult | null = null;
  return (row, group) => {
    if (generated !== null) return generated(row, group);
    left -= 1;
    if (left < 0) generated = generateCreateResult(answers);
    return (generated ?? plain)(row, group);
  };
};

/** Returns a function that copies the plain properties of a row that a join loaded. */
export const plainFieldsCopier = (fields: readonly Field[], rowsBeforeCode: number): CopyPlainFields => {
  let left = rowsLeft(rowsBeforeCode);
  let generated: CopyPlainFields | null = null;
  return (row, result) => {
    if (generated !== null) return generated(row, result);
    left -= 1;
    if (left < 0) generated = generateCopy(fields);
    return generated?.(row, result) ?? false;
  };
};
