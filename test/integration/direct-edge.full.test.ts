import { test } from 'vitest';
import { compareEdges } from './direct-edge/compared-edges.ts';

test('10,000 random requests have the same responses and reports with and without the direct edge', async () => {
  await compareEdges(10_000);
}, 1_800_000);
