import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { comparedPairs, MAX_COMPARED } from './compared-fields.ts';

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

test.each([
  ['one field', '{ a { b } }', 0],
  ['a field four times', '{ a a a a }', 6],
  ['other response keys', '{ a b: a c: a }', 0],
  ['one response key', '{ x: a x: a }', 1],
  ['inline fragments', '{ ... { a } ... on Query { a } a }', 3],
  ['fragments', '{ ...f ...g } fragment f on Query { a } fragment g on Query { a }', 1],
  ['one fragment that is spread twice', '{ ...f ...f } fragment f on Query { a }', 0],
  ['one fragment at two places', '{ a { ...f } b { ...f } } fragment f on Query { a }', 0],
  ['fields below equal ones', '{ a { b } a { b c } }', 1 + 1],
  ['the operation with the most', 'query a { a a } query b { a a a }', 3],
  ['a fragment that does not exist', '{ ...missing a }', 0],
])('pairs of fields with one response key: %s', (_, text, pairs) => {
  expect(comparedPairs(parse(text))).toBe(pairs);
});

test('a fragment in itself ends', () => {
  expect(comparedPairs(parse('{ a { ...f } } fragment f on Query { a { ...f } b { ...f } }'))).toBe(0);
});

test('fragments of 200 components at one place are within the bound, and those of 400 are not', () => {
  const page = (count: number): string =>
    `{ page { ${times(count, (n) => `...f${n}`)} } } ${times(count, (n) => `fragment f${n} on Page { id __typename }`)}`;
  expect(comparedPairs(parse(page(200)))).toBe(39_800);
  expect(comparedPairs(parse(page(400)))).toBeGreaterThan(MAX_COMPARED);
});
