import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from './document-cost.ts';
import { aliasLimit } from './document-limits.ts';

const codeOf = (text: string, most: number) => aliasLimit(readDocument(parse(text)), most)?.code ?? null;

test.each([
  ['aliases at all levels count', '{ x: a { y: b { z: c } } }', 3],
  ['an alias of the same name counts', '{ a: a b: b }', 2],
  ['a fragment counts as often as it is spread', '{ a { ...F } b { ...F ...F } } fragment F on T { x: c }', 3],
  [
    'fragments within fragments multiply',
    '{ ...F ...F } fragment F on T { x: a ...G ...G } fragment G on T { y: b }',
    6,
  ],
  ['a field repeated in a selection set counts', '{ a a a b }', 2],
  ['aliases of introspection count', '{ x: __typename y: __typename }', 2],
])('%s', (_what, text, aliases) => {
  expect([codeOf(text, aliases), codeOf(text, aliases - 1)]).toEqual([null, 'ALIAS_LIMIT']);
});

test('fields that several fragments select do not count, as composed components repeat them', () => {
  expect(codeOf('{ a { id ...F ...G } } fragment F on T { id } fragment G on T { id }', 0)).toBeNull();
});

test('the largest count of one operation is decisive, not the sum', () => {
  expect(codeOf('query A { x: a y: a } query B { x: a y: a }', 2)).toBeNull();
});
