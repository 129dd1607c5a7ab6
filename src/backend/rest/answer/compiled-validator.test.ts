import type { StandardSchemaV1 } from '@standard-schema/spec';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compiledValidator, USES_BEFORE_CODE } from './compiled-validator.ts';

const compiled = (schema: StandardSchemaV1): StandardSchemaV1 => {
  for (let uses = 1; uses < USES_BEFORE_CODE; uses += 1) compiledValidator(schema);
  return compiledValidator(schema);
};

/** What a caller can see of a result: the order of properties, holes, -0 and prototypes included. */
const seen = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : value;
  const own = Reflect.ownKeys(value).map((key) => [String(key), seen(Reflect.get(value, key))]);
  return [Array.isArray(value) ? value.length : Object.getPrototypeOf(value) === Object.prototype, own];
};

/** The output, or the issues as clients and logs see them. */
const outcomeOf = async (schema: StandardSchemaV1, value: unknown): Promise<unknown> => {
  const result = await schema['~standard'].validate(value);
  return result.issues === undefined
    ? { output: seen(result.value) }
    : { issues: result.issues.map(({ message, path }) => [message, path]) };
};

const NAMES = ['id', 'name', '__proto__', 'constructor', 'toString', 'then', '0', 'a b', '"', '\u2028'];
const name = fc.constantFrom(...NAMES);

const leaf: fc.Arbitrary<z.ZodType> = fc.constantFrom(
  z.string(),
  z.number(),
  z.int(),
  z.boolean(),
  z.null(),
  z.unknown(),
  z.iso.datetime(),
  z.uuid(),
  z.string().min(2),
  z.enum(['PAID', 'OPEN']),
  z.literal([1, 'one', true]),
  z.coerce.number(),
  z.string().transform((text) => text.length),
  z.string().default('none'),
  z.number().catch(0),
);

const { schema: anySchema } = fc.letrec<{ schema: z.ZodType }>((tie) => {
  const inner = tie('schema');
  const shape = fc.uniqueArray(fc.tuple(name, inner), { selector: ([key]) => key, maxLength: 4 });
  const objects = shape.map((fields) => Object.fromEntries(fields.filter(([key]) => key !== '__proto__')));
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      objects.map((fields) => z.object(fields)),
      objects.map((fields) => z.strictObject(fields)),
      objects.map((fields) => z.looseObject(fields)),
      inner.map((one) => z.array(one)),
      inner.map((one) => one.nullable()),
      inner.map((one) => one.optional()),
      inner.map((one) => z.record(z.string(), one)),
      fc.tuple(inner, inner).map((options) => z.union(options)),
    ),
  };
});

const plainValue = fc.constantFrom<unknown>(
  'PAID',
  'one',
  '',
  '2026-11-30T06:00:00Z',
  '0188d6a5-1f6e-7a53-8f4c-1a2b3c4d5e6f',
  1,
  1.5,
  -0,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  null,
  undefined,
);

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    plainValue,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }).map((list) => Object.assign(new Array(4), list)),
    // JSON.parse makes `__proto__` a property.
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
}));

/** A value that fits most schemas, so that the compiled form is not left at the first property. */
const fitting = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  const exact = fc.constantFrom<unknown>('PAID', '2026-11-30T06:00:00Z', 'one', 1, true, null, -0);
  if (schema instanceof z.ZodArray) return fc.array(fitting(schema.element as z.ZodType), { maxLength: 3 });
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return fc.oneof(fc.constantFrom(null, undefined), fitting(schema.unwrap() as z.ZodType));
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((one) => fitting(one as z.ZodType)));
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([key, one]) => [key, fitting(one as z.ZodType)] as const);
    return fc
      .record(Object.fromEntries(fields))
      .chain((row) =>
        fc.constantFrom(row, { ...row, unknown: 1 }, Object.fromEntries(Object.entries(row).toReversed())),
      );
  }
  if (schema instanceof z.ZodEnum) return fc.constantFrom('PAID', 'OPEN');
  if (schema instanceof z.ZodString) return fc.constantFrom('', 'one');
  if (schema instanceof z.ZodNumber) return fc.constantFrom(1, -0, 1.5);
  return exact;
};

test('a compiled schema has the output and the issues of the schema, for any value', async () => {
  const example = anySchema.chain((schema) => fc.tuple(fc.constant(schema), fc.oneof(fitting(schema), anyValue)));
  await fc.assert(
    fc.asyncProperty(example, async ([schema, value]) => {
      const expected = await outcomeOf(schema, value).catch(String);
      expect(await outcomeOf(compiled(schema), value).catch(String)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('a schema is compiled at its hundredth use, once', () => {
  const schema = z.object({ id: z.string() });
  for (let uses = 1; uses < USES_BEFORE_CODE; uses += 1) expect(compiledValidator(schema)).toBe(schema);
  const first = compiledValidator(schema);
  expect(first).not.toBe(schema);
  expect(compiledValidator(schema)).toBe(first);
});

test('an asynchronous refinement runs in a compiled schema', async () => {
  const schema = z.string().refine(async (text) => text !== 'taken', 'is taken');
  expect(await outcomeOf(compiled(schema), 'taken')).toEqual({ issues: [['is taken', []]] });
  expect(await outcomeOf(compiled(schema), 'free')).toEqual({ output: 'free' });
});

test('a validator of another library, or of another version of zod, is used as it is', () => {
  const foreign: StandardSchemaV1 = {
    '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) },
  };
  const older = z.string();
  older._zod.version = { ...older._zod.version, minor: 1 } as never; // the type has the number of this version
  expect(compiled(foreign)).toBe(foreign);
  expect(compiled(older)).toBe(older);
});
