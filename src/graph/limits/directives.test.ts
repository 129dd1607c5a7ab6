import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from './document-cost.ts';
import { directiveLimit } from './document-limits.ts';

const codeOf = (text: string, most: number) => directiveLimit(readDocument(parse(text)), most)?.code ?? null;

test.each([
  ['on fields', '{ a @x @y b { c @x } }', 3],
  ['on an operation', 'query A @x @y { a }', 2],
  ['on variables', 'query A($v: Int @x, $w: Int @y) { a }', 2],
  ['on a spread and its fragment', '{ ...F @x } fragment F on T @y { a @z }', 3],
  ['on inline fragments', '{ ... @x { ... on T @y { a } } }', 2],
  ['in all definitions together, executed or not', 'query A { a @x } query B { a @x } fragment F on T { a @x }', 3],
])('directives count %s', (_where, text, directives) => {
  expect([codeOf(text, directives), codeOf(text, directives - 1)]).toEqual([null, 'DIRECTIVE_LIMIT']);
});
