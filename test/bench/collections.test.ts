import { expect, test } from 'vitest';
import { collectionsIn } from '../../bench/profile/collections.ts';

const SCAVENGE =
  '[17:0x7f3c64000]     1234 ms: Scavenge 31.0 (55.2) -> 24.1 (56.0) MB, pooled: 0.5 MB, 1.25 / 0.00 ms  (average mu = 1.000, current mu = 1.000) allocation failure; \n';
const FULL =
  '[17:0x7f3c64000]     2000 ms: Mark-Compact 80.3 (99.0) -> 40.2 (90.1) MB, pooled: 0.0 MB, 12.50 / 0.00 ms  (average mu = 0.9) task; scavenge might not succeed\n';

test('each line of --trace-gc is one collection with its start and duration', () => {
  expect(collectionsIn(SCAVENGE + FULL)).toEqual([
    { young: true, atMs: 1_234, tookMs: 1.25 },
    { young: false, atMs: 2_000, tookMs: 12.5 },
  ]);
});

test('log lines between the trace lines, or within one, are ignored', () => {
  const logged = '{"level":30,"msg":"POST /graphql 200"}\n';
  const cut = `${SCAVENGE.slice(0, 40)}${logged}${SCAVENGE.slice(40)}`;
  expect(collectionsIn(logged + cut + FULL).length).toBe(2);
});
