import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { scalar } from '../../backend/define/scalars/scalar.ts';
import { conflictingTypes } from './shared-types.ts';

const problemsOf = (one: string, other: string, rest = {}) =>
  lines(conflictingTypes([reading('a', one), reading('b', other, rest)]));

test.each([
  ['type Money { amount: Int! "ISO 4217" currency: String }', 'type Money { currency: String amount: Int! }'],
  ['enum Status { NEW OLD }', '"Of an order" enum Status { OLD NEW }'],
  ['input Page { first: Int = 10 }', 'input Page { first: Int = 10 }'],
  ['union Hit = A | B', 'union Hit = B | A'],
  ['scalar Money', 'scalar Money'],
  ['type Query { a: Int }', 'type Query { b: Int }'],
])('equal definitions in two modules are valid: %s', (one, other) => {
  expect(problemsOf(one, other)).toEqual([]);
});

const ALIKE = 'make both the same, or rename one of them';

test.each([
  ['type M { a: Int! b: Int }', 'type M { a: Int c: Int }', '1:6', 'a, b and c', `${ALIKE}, or join them with merge`],
  ['type M { a(b: Int): Int }', 'type M { a: Int }', '1:6', 'a', `${ALIKE}, or join them with merge`],
  ['enum M { A B }', 'enum M { A C }', '1:6', 'B and C', ALIKE],
  ['input M { a: Int = 1 }', 'input M { a: Int = 2 }', '1:7', 'a', ALIKE],
  ['interface M { a: Int }', 'interface M { a: ID }', '1:11', 'a', ALIKE],
  ['union M = A | B', 'union M = A', '1:7', 'B', ALIKE],
  ['scalar M', 'scalar M @specifiedBy(url: "https://m.example")', '1:8', '@specifiedBy', ALIKE],
])('different definitions in two modules are rejected: %s', (one, other, place, different, fix) => {
  const there = `a (schema/a/schema.graphql:${place})`;
  expect(problemsOf(one, other)).toEqual([
    `b/schema.graphql:${place}: M of b differs from M of ${there} in ${different}: ${fix}`,
  ]);
});

test('one name for two kinds of types is rejected', () => {
  expect(problemsOf('enum Status { NEW }', 'type Status { id: ID! }', { merge: { Status: { key: 'id' } } })).toEqual([
    'b/schema.graphql:1:6: Status is an object type in b and an enum in a (schema/a/schema.graphql:1:6): rename one of them',
  ]);
});

test('a merged type may have different fields in each module', () => {
  const merge = { Product: { key: 'id' } };
  expect(problemsOf('type Product { id: ID! }', 'type Product { id: ID! stock: Int }', { merge })).toEqual([]);
});

test('a built-in scalar that only some modules replace is rejected', () => {
  const DateTime = scalar({ parse: Number, serialize: Number });
  const own = { resolvers: { DateTime } };
  expect(problemsOf('type A { at: DateTime }', 'scalar DateTime', own)).toEqual([
    'b/index.ts: DateTime is replaced here, but a uses the built-in scalar: remove it from resolvers, or rename it',
  ]);
  expect(problemsOf('type A { at: Date }', 'scalar DateTime', own)).toEqual([]);
});
