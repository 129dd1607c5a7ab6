import { test } from 'vitest';
import { compareEdges } from './direct-edge/compared-edges.ts';

test('300 random requests have the same responses and reports with and without the direct edge', async () => {
  await compareEdges(300);
}, 180_000);

test('100 random requests over TLS have the same responses and reports with and without the direct edge', async () => {
  await compareEdges(100, true);
}, 180_000);
