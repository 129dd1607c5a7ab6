import { expect, test } from 'vitest';
import { memoizedByHeader } from './memoized-by-header.ts';

const counted = () => {
  const asked: string[] = [];
  const length = memoizedByHeader((text) => {
    asked.push(text);
    return text.length;
  });
  return { asked, length };
};

test('a result is computed once for each text', () => {
  const { asked, length } = counted();
  expect([length('a'), length('bb'), length('a'), length('bb')]).toEqual([1, 2, 1, 2]);
  expect(asked).toEqual(['a', 'bb']);
});

test('the number and the length of memoized texts are bounded', () => {
  const { asked, length } = counted();
  const texts = Array.from({ length: 1_000 }, (_, at) => `text ${at}`);
  for (const text of texts) expect(length(text)).toBe(text.length);
  length('text 999');
  expect(asked).toHaveLength(1_000);
  length('text 0');
  expect(asked).toHaveLength(1_001);
  const long = 'x'.repeat(10_000);
  expect([length(long), length(long)]).toEqual([10_000, 10_000]);
  expect(asked).toHaveLength(1_003);
});

test('an error is thrown again on the next call', () => {
  const fails = memoizedByHeader((text): number => {
    throw new Error(text);
  });
  expect(() => fails('a')).toThrow('a');
  expect(() => fails('a')).toThrow('a');
});
