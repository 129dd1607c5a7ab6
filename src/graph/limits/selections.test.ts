import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { readDocument } from './document-cost.ts';
import { selectionLimit } from './document-limits.ts';

const codeOf = (text: string, most: number) => selectionLimit(readDocument(parse(text)), most)?.code ?? null;

test.each([
  ['fields, spreads and inline fragments count', '{ a ...F ... { b } } fragment F on T { c }', 5],
  ['a fragment counts as often as it is spread', '{ ...F ...F ...F } fragment F on T { a b }', 9],
])('%s', (_what, text, selections) => {
  expect([codeOf(text, selections), codeOf(text, selections - 1)]).toEqual([null, 'COST_LIMIT']);
});

test('an infinite number of selections is refused', () => {
  const doubled = Array.from({ length: 3_000 }, (_, n) => `fragment F${n} on T { ...F${n + 1} ...F${n + 1} }`).join(
    ' ',
  );
  expect(codeOf(`{ ...F0 } ${doubled} fragment F3000 on T { a }`, Number.MAX_SAFE_INTEGER)).toBe('COST_LIMIT');
});
