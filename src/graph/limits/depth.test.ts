import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from './document-cost.ts';
import { depthLimit } from './document-limits.ts';

const codeOf = (text: string, most: number) => depthLimit(readDocument(parse(text)), most)?.code ?? null;

test.each([
  ['a leaf is a level', '{ a { b { c } } }', 3],
  ['the deepest of several branches counts', '{ a b { c { d } } e { f } }', 3],
  ['a fragment is as deep as the place it is spread in', '{ a { ...F } } fragment F on T { b { c } }', 3],
  ['inline fragments are no level', '{ ... { a { ... on T { b { ... { c } } } } } }', 3],
  ['a fragment within a fragment', '{ a { ...F } } fragment F on T { b { ...G } } fragment G on T { c }', 3],
  ['the same fragment at two depths', '{ ...F a { b { ...F } } } fragment F on T { c }', 3],
  ['introspection does not count', '{ a __schema { types { fields { type { name } } } } }', 1],
  [
    'introspection in a fragment does not count',
    '{ a { b } __schema { ...S } } fragment S on __Schema { types { fields { name } } }',
    2,
  ],
  ['__typename does not count', '{ a { __typename } }', 1],
  ['a cyclic fragment counts once', '{ a { ...F } } fragment F on T { b { ...F } }', 2],
])('%s', (_what, text, depth) => {
  expect([codeOf(text, depth), codeOf(text, depth - 1)]).toEqual([null, 'DEPTH_LIMIT']);
});

test('every operation of a document is checked', () => {
  expect(codeOf('query A { a } query B { a { b } }', 1)).toBe('DEPTH_LIMIT');
});
