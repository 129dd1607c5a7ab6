import { expect, test } from 'vitest';
import { testModule } from '../../../../test/support/modules/test-module.ts';
import { problemsInModules } from '../check-modules.ts';

const problemsOf = (sdl: string, ...others: readonly string[]) =>
  problemsInModules([
    testModule('a', `type Query { p: P }\n${sdl}`, { resolvers: { Query: { p: () => null } } }),
    ...others.map((other, at) => testModule(`b${at}`, other)),
  ]).map((line) => line.replace(/^schema\/(\w+)\/schema.graphql:/, '$1:'));

test('valid weights and sizes are no problem', () => {
  const sdl = `
    type P @cost(weight: "0") {
      a(n: Int! = 5 @cost(weight: "-1"), i: In): [Int] @cost(weight: "1e3") @listSize(slicingArguments: ["n"])
      b: E @cost(weight: "-2.5")
      c: [P] @listSize(assumedSize: 0)
      d(n: Int): Page! @listSize(slicingArguments: ["n"], assumedSize: 3, sizedFields: ["all"], requireOneSlicingArgument: false)
    }
    type Page { all: [P!]! }
    input In { n: Int @cost(weight: ".5") }
    enum E @cost(weight: "2") { X }
    scalar S @cost(weight: "2")
    extend type P { s: S }
  `;
  expect(problemsOf(sdl).filter((line) => !line.includes('scalar'))).toEqual([]);
});

const NUMBER = 'use a number in quotes, such as "2.5"';
const LOWER = 'use 0 or more: a weight below 0 is for arguments and input fields, and for the field that they add to';
const EACH = 'set it on the field of each type that implements the interface';

test.each([
  ['type P { a: Int @cost(weight: "x") }', [`a:2:10: the weight of P.a is "x": ${NUMBER}`]],
  ['type P { a: Int @cost(weight: "") }', [`a:2:10: the weight of P.a is "": ${NUMBER}`]],
  ['type P { a: Int @cost(weight: "1e999") }', [`a:2:10: the weight of P.a is "1e999": ${NUMBER}`]],
  ['type P { a: Int @cost(weight: "0x10") }', [`a:2:10: the weight of P.a is "0x10": ${NUMBER}`]],
  [
    'type P @cost(weight: "-1") { a: Int }',
    [`a:2:6: the weight of P is -1, which would lower the cost of other fields: ${LOWER}`],
  ],
  [
    'interface I { a(n: Int @cost(weight: "1")): Int @cost(weight: "1") }\ntype P implements I { a(n: Int): Int }',
    [`a:2:15: @cost on I.a weighs nothing: ${EACH}`, `a:2:17: @cost on I.a(n:) weighs nothing: ${EACH}`],
  ],
  [
    'interface I { a: [Int] @listSize(assumedSize: 1) }\ntype P implements I { a: [Int] }',
    [`a:2:15: @listSize on I.a counts nowhere: ${EACH}`],
  ],
  [
    'type P { a: Int @listSize(assumedSize: 1) }',
    ['a:2:10: P.a has a @listSize, but returns no list: remove it, or name the lists below in sizedFields'],
  ],
  [
    'type P { a: [Int] @listSize(sizedFields: []) }',
    ['a:2:10: @listSize on P.a states no size: add assumedSize or slicingArguments, or remove the directive'],
  ],
  ['type P { a: [Int] @listSize(assumedSize: -1) }', ['a:2:10: assumedSize of P.a is -1: use 0 or more']],
  [
    'type P { a(m: String): [Int] @listSize(slicingArguments: ["n", "m"]) }',
    [
      'a:2:10: P.a has no argument n, which slicingArguments names: add it, or correct the name',
      'a:2:10: the slicing argument m of P.a is no Int: use an argument of type Int',
    ],
  ],
  [
    'type P { a(n: Int = 1): [Int] @listSize(slicingArguments: ["n"], assumedSize: 1, requireOneSlicingArgument: false) }',
    ['a:2:10: assumedSize of P.a is never used: its argument n has a default: remove assumedSize'],
  ],
  [
    'type P { a(n: Int): [Int] @listSize(slicingArguments: ["n"], assumedSize: 1) }',
    [
      'a:2:10: assumedSize of P.a is never used: one of n is required: add requireOneSlicingArgument: false, or remove assumedSize',
    ],
  ],
  [
    'type P { a: P @listSize(assumedSize: 1, sizedFields: ["a", "b"]) }',
    [
      'a:2:10: P.a, a sized field of P.a, returns no list: name a field that returns a list',
      'a:2:10: P has no field b, which sizedFields of P.a names: add it, or correct the name',
    ],
  ],
])('a wrong use is reported with its fix: %s', (sdl, expected) => {
  expect(problemsOf(sdl)).toEqual(expected);
});

test('modules with different weights or sizes of the same element are reported, and one module may set what another leaves out', () => {
  const sdl = (weight: string, size: string) => `type P { a: Int }\ntype S ${weight} { l: [Int] ${size} }`;
  const cost = (weight: string) => `@cost(weight: "${weight}")`;
  const size = (items: number) => `@listSize(assumedSize: ${items})`;
  const own = (...[first, ...others]: readonly string[]) =>
    problemsOf(first ?? '', ...others).filter((line) => /@cost|@listSize/.test(line));
  expect(own(sdl(cost('1'), size(5)), sdl('', ''), sdl(cost('1.0'), size(5)))).toEqual([]);
  expect(own(sdl(cost('1'), size(5)), sdl(cost('2'), size(6)))).toEqual([
    'a:3:29: S.l does not have the same @listSize in b0 (schema/b0/schema.graphql:2:29): set the same in both, or in one of them',
    'b0:2:6: S does not have the same @cost in a (schema/a/schema.graphql:3:6): set the same weight in both, or in one of them',
    'b0:2:29: S.l does not have the same @listSize in a (schema/a/schema.graphql:3:29): set the same in both, or in one of them',
  ]);
});
