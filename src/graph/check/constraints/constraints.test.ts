import { describe, expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { invalidSdl } from '../sdl.ts';
import { conflictingConstraints } from './conflicting-constraints.ts';
import { wrongConstraints } from './wrong-constraints.ts';

const field = (declared: string) => lines(wrongConstraints(reading('shop', `type Query { a(b: ${declared}): Int }`)));

describe('a rule that cannot hold is rejected with its fix', () => {
  test.each([
    [
      'Int @constraint(maxLength: 3)',
      'maxLength of Query.a(b:) does not fit its type Int: it applies to String and ID, and lists of them',
    ],
    [
      'String @constraint(max: 3)',
      'max of Query.a(b:) does not fit its type String: it applies to Int and Float, and lists of them',
    ],
    ['String @constraint(maxItems: 3)', 'maxItems of Query.a(b:) does not fit its type String: it applies to lists'],
    [
      'Boolean @constraint(min: 3)',
      'min of Query.a(b:) does not fit its type Boolean: it applies to Int and Float, and lists of them',
    ],
    [
      'DateTime @constraint(minLength: 3)',
      'minLength of Query.a(b:) does not fit its type DateTime: it applies to String and ID, and lists of them',
    ],
    ['String @constraint', '@constraint of Query.a(b:) has no rule: add a rule, or remove the directive'],
    ['String @constraint(maxLength: -1)', 'maxLength of Query.a(b:) is -1: use an integer of 0 or more'],
    ['String @constraint(maxLength: "3")', 'maxLength of Query.a(b:) is "3": use an integer of 0 or more'],
    ['[Int] @constraint(maxItems: 1.5)', 'maxItems of Query.a(b:) is 1.5: use an integer of 0 or more'],
    ['Int @constraint(max: "3")', 'max of Query.a(b:) is "3": use a number'],
    ['Int @constraint(multipleOf: 0)', 'multipleOf of Query.a(b:) is 0: use a number above 0'],
    ['String @constraint(startsWith: "")', 'startsWith of Query.a(b:) is "": use a text that is not empty'],
    ['String @constraint(format: "e-mail")', 'unknown format "e-mail" of Query.a(b:): use "email"'],
    [
      'String @constraint(format: "telephone")',
      'unknown format "telephone" of Query.a(b:): use one of email, uuid, uri, date, date-time, ipv4, ipv6 and byte',
    ],
    [
      'String @constraint(pattern: "(a)\\\\1")',
      'the pattern of Query.a(b:) cannot be used: invalid escape sequence: `\\1`: use the syntax of RE2, without backreferences, lookaround and repetitions above 1000',
    ],
    [
      'String @constraint(pattern: "a{600}")',
      'the pattern of Query.a(b:) cannot be used: it is too large (602 instructions, at most 500): use the syntax of RE2, without backreferences, lookaround and repetitions above 1000',
    ],
    [
      'String @constraint(pattern: "a", maxLength: 20000)',
      'maxLength of Query.a(b:) is 20000, too long for a pattern or format: use at most 10000, or remove the pattern or format',
    ],
    [
      'String @constraint(minLength: 3, maxLength: 2)',
      'no value of Query.a(b:) can meet minLength 3 and maxLength 2: correct one of them',
    ],
    ['Int @constraint(min: 3, max: 2)', 'no value of Query.a(b:) can meet min 3 and max 2: correct one of them'],
    [
      'Int @constraint(exclusiveMin: 2, max: 2)',
      'no value of Query.a(b:) can meet exclusiveMin 2 and max 2: correct one of them',
    ],
    [
      '[Int] @constraint(minItems: 2, maxItems: 1)',
      'no value of Query.a(b:) can meet minItems 2 and maxItems 1: correct one of them',
    ],
  ])('%s', (declared, problem) => {
    expect(field(declared)).toEqual([expect.stringContaining(problem)]);
  });
});

test('an unknown rule is rejected', () => {
  expect(lines(invalidSdl(reading('shop', 'type Query { a(b: String @constraint(maxLen: 3)): Int }')))).toEqual([
    expect.stringMatching(
      /^shop\/schema.graphql:1:38: Unknown argument "maxLen" .*: correct the name, or remove the argument \(did you mean "max" or "maxLength"/,
    ),
  ]);
});

test.each([
  'String @constraint(minLength: 1, maxLength: 1, pattern: "^[a-z]+$", format: "email")',
  '[[ID!]!]! @constraint(maxItems: 3, maxLength: 5)',
  'Int = 3 @constraint(min: 3, max: 3, multipleOf: 3)',
  'Float @constraint(exclusiveMin: 0, exclusiveMax: 0.5)',
  'String = null @constraint(minLength: 1)',
])('%s is valid', (declared) => {
  expect(field(declared)).toEqual([]);
});

describe('a default that breaks a rule is rejected', () => {
  test.each([
    [
      'of the argument',
      'type Query { a(b: Int = 0 @constraint(min: 1)): Int }',
      'the default 0 of Query.a(b:) breaks its rules: b must be at least 1',
    ],
    [
      'of an input field',
      'type Query { a(b: In): Int } input In { c: [Int] = [1, 0] @constraint(min: 1) }',
      'the default [1, 0] of In.c breaks its rules: c[1] must be at least 1',
    ],
    [
      'of a field inside it',
      'type Query { a(b: [In] = [{}, {c: 0}]): Int } input In { c: Int @constraint(min: 1) in: In }',
      'the default [{}, {c: 0}] of Query.a(b:) breaks its rules: b[1].c must be at least 1',
    ],
  ])('%s', (_what, sdl, problem) => {
    const sdlWithSpaces = sdl;
    expect(
      lines(wrongConstraints(reading('shop', sdlWithSpaces))).map((line) =>
        line.replaceAll('{ ', '{').replaceAll(' }', '}'),
      ),
    ).toEqual([expect.stringContaining(`${problem}: correct the default or the rule`)]);
  });
});

test('an input of two modules with different rules is rejected', () => {
  const one = reading('shop', 'input In { c: Int @constraint(min: 1, max: 3) }');
  const other = reading('stock', 'input In { c: Int @constraint(min: 1) }');
  expect(lines(conflictingConstraints([one, other]))).toEqual([
    'shop/schema.graphql:1:12: In.c does not have the same @constraint as In.c in stock (schema/stock/schema.graphql:1:12): set the same rules in both, or none',
    'stock/schema.graphql:1:12: In.c does not have the same @constraint as In.c in shop (schema/shop/schema.graphql:1:12): set the same rules in both, or none',
  ]);
  const alike = reading('stock', 'input In { c: Int @constraint(max: 3, min: 1) }');
  expect(conflictingConstraints([one, alike])).toEqual([]);
});

test('an interface that only an extension of the type names counts, too', () => {
  const sdl = `
    interface Named { name(max: Int): String }
    type Shop { name(max: Int @constraint(max: 3)): String }
    extend type Shop implements Named`;
  expect(conflictingConstraints([reading('shop', sdl)])).toHaveLength(1);
});

test('an argument with other rules than in the interface of its type is rejected', () => {
  const sdl = (own: string, above: string) => `
    interface Named { name(max: Int ${above}): String }
    type Shop implements Named { name(max: Int ${own}): String }`;
  const rule = '@constraint(max: 3)';
  expect(conflictingConstraints([reading('shop', sdl(rule, rule))])).toEqual([]);
  for (const wrong of [sdl(rule, ''), sdl('', rule), sdl(rule, '@constraint(max: 4)')])
    expect(conflictingConstraints([reading('shop', wrong)])).toHaveLength(1);
});
