import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';

test.each(['bench/limits.json', 'bench/overload.json'])('%s is a valid file of limits', (path) => {
  expect(readLimits(readFileSync(path, 'utf8')).problems).toEqual([]);
});
