import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { invalidSdl } from './sdl.ts';

const problemsOf = (sdl: string) => lines(invalidSdl(reading('a', sdl)));

test('a syntax error is reported with its position', () => {
  expect(problemsOf('type Query {\n  x(: Int\n}')).toEqual([
    'a/schema.graphql:2:5: Syntax Error: Expected Name, found ":": correct the SDL here',
  ]);
});

test('all problems of one file are reported together', () => {
  expect(problemsOf('type Query {\n  x: Custmer\n  y: Gone\n}\ntype Customer { id: ID }')).toEqual([
    'a/schema.graphql:2:6: Unknown type "Custmer": correct the name, or define the type here; ' +
      'for a type of another module the key fields are enough (did you mean "Customer"?)',
    'a/schema.graphql:3:6: Unknown type "Gone": correct the name, or define the type here; ' +
      'for a type of another module the key fields are enough',
  ]);
});

test('a default that does not fit its type is a problem, not a missing default', () => {
  expect(
    problemsOf(`type Query { a(n: Int = "x", f: Float = 1e400): Int }
input In { id: ID! = null, mood: Mood = SAD, more: [Int!] = [1, 2.5], when: DateTime = "now", ok: Int = 3 }
enum Mood { GLAD }`),
  ).toEqual([
    'a/schema.graphql:1:25: The default "x" of Query.a(n:) does not fit its type Int: ' +
      'use a value of that type, or remove the default',
    'a/schema.graphql:1:41: The default of Query.a(f:) cannot keep the number 1e400 exactly: ' +
      'use a number that fits in a double',
    'a/schema.graphql:2:22: The default null of In.id does not fit its type ID!: ' +
      'use a value of that type, or remove the default',
    'a/schema.graphql:2:41: The default SAD of In.mood does not fit its type Mood: ' +
      'use a value of that type, or remove the default',
    'a/schema.graphql:2:61: The default [1, 2.5] of In.more does not fit its type [Int!]: ' +
      'use a value of that type, or remove the default',
  ]);
});

test('a default that contains itself is a problem', () => {
  expect(problemsOf('type Query { a(in: In): Int }\ninput In { deep: In = { n: 1 }, n: Int }')).toEqual([
    'a/schema.graphql: The default of an input field contains itself: set the field in the default, for example to null',
  ]);
});

test('an undefined type hides no other problem, and is reported once for each use', () => {
  expect(
    problemsOf(
      'interface N { a: Int }\ntype A implements N & Gone { b: Gone }\nunion U = A | Gone\nenum E { X X }',
    ).map((line) => line.slice(0, line.indexOf(':', 25))),
  ).toEqual([
    'a/schema.graphql:2:23: Unknown type "Gone"',
    'a/schema.graphql:2:33: Unknown type "Gone"',
    'a/schema.graphql:3:15: Unknown type "Gone"',
    'a/schema.graphql:4:12: Enum value "E.X" can only be defined once',
    'a/schema.graphql:2:1: Interface field N.a expected but A does not provide it',
  ]);
});

test.each([
  [
    'interface N { a: Int }\ntype A implements N { b: Int }',
    '2:1: Interface field N.a expected but A does not provide it: add what is missing',
  ],
  ['type A { b: Int }\ntype A { c: Int }', '2:6: There can be only one type named "A": keep one of them'],
  ['enum E { A }\ninput I { a: Query, e: E }', '2:14: The type of I.a must be Input Type but got: Query: correct'],
  ['extend type P { id: ID }', '1:13: Cannot extend type "P" because it is not defined: write `type`'],
  ['type A { b: Int @shiny }', '1:17: Unknown directive "@shiny": correct the name, or declare the directive'],
  [
    'scalar A @specifiedBy',
    '1:10: Directive "@specifiedBy" argument "url" of type "String!" is required, but it was not',
  ],
  ['type A { b: Int @deprecated(reason: 3) }', '1:37: Argument "reason" has invalid value 3: correct the SDL here'],
  ['type A', '1:1: Type A must define one or more fields: add what is missing'],
])('invalid SDL is rejected: %s', (sdl, problem) => {
  expect(problemsOf(`${sdl}\ntype Query { ok: Boolean }`)).toEqual([
    expect.stringContaining(`a/schema.graphql:${problem}`),
  ]);
});

test.each([
  'type Query { at: DateTime }',
  'scalar DateTime type Query { at: DateTime }',
  'type Product { id: ID! }',
  'type Mutation { go: Boolean }',
  'type Query { a: Int } extend type Query { b: Int @deprecated }',
])('valid SDL has no problems: %s', (sdl) => {
  expect(problemsOf(sdl)).toEqual([]);
});
