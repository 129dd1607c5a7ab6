import { expect, test } from 'vitest';
import { isNestedAtMost } from './request-params.ts';

const lists = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

test.each([
  [1, null, true],
  [0, 'text', true],
  [0, {}, false],
  [1, {}, true],
  [1, { a: [1] }, false],
  [2, { a: [1], b: { c: null } }, true],
  [3, lists(3), true],
  [3, lists(4), false],
  [3, [1, { a: 1 }, lists(3)], false],
  [200, lists(1_000_000), false],
])('at most %i levels, #$index', (levels, value, fits) => {
  expect(isNestedAtMost(levels, value)).toBe(fits);
});
