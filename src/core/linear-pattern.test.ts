import { expect, test } from 'vitest';
import { linearPattern } from './linear-pattern.ts';

test('the ends of a pattern are the ends of the text, not of a line', () => {
  const { test: matches } = linearPattern('^[a-z]+$');
  expect(['abc', 'abc\n', '\nabc', 'ab c', ''].map(matches)).toEqual([true, false, false, false, false]);
});

test('a pattern without ends matches anywhere', () => {
  expect(linearPattern('\\d').test('abc1')).toBe(true);
});

test('a pattern that backtracking engines take exponential time for takes linear time', () => {
  // In V8 each of these takes years for this text.
  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(x+x+)+y'])
    expect(linearPattern(pattern).test(`${'a'.repeat(5_000)}!`), pattern).toBe(false);
});

test.each(['(?=a)', '(?<!a)', '(a)\\1', '(a', 'a{1001}', '(a{100}){100}', '((a{10}){10}){6}'])(
  'the pattern %s is rejected',
  (pattern) => {
    expect(() => linearPattern(pattern)).toThrow();
  },
);
