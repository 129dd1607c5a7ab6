import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from './document-cost.ts';
import { rootFieldLimit } from './document-limits.ts';

const codeOf = (text: string, most: number) => rootFieldLimit(readDocument(parse(text)), most)?.code ?? null;

test.each([
  ['only fields of the root count', '{ a { x y z } b { x } }', 2],
  ['repeated fields count', '{ a a a }', 3],
  ['fields of inline fragments count', '{ a ... { b ... on Query { c } } }', 3],
  ['fields of a fragment count as often as it is spread', '{ ...F ... { ...F } } fragment F on Query { a b }', 4],
  [
    'fields of a namespace, or of a Query below the root, do not count',
    '{ shop { a b } query { a ...F } } fragment F on Query { a b }',
    2,
  ],
  ['a fragment below the root does not count', '{ a { ...F } } fragment F on T { x y z }', 1],
])('%s', (_what, text, fields) => {
  expect([codeOf(text, fields), codeOf(text, fields - 1)]).toEqual([null, 'ROOT_FIELD_LIMIT']);
});
