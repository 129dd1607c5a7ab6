import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptByCap } from './ejection-cap.ts';

const tally = (endpoints: number, ejected: number, barred = 0, down = 0) => ({
  endpoints,
  ejected,
  barred,
  usable: endpoints - ejected - barred - down,
});

for (const [endpoints, maxEjected, out] of [
  [2, 0.5, 1],
  [3, 0.5, 1],
  [4, 0.5, 2],
  [3, 0.1, 1],
  [10, 0.1, 1],
  [3, 1, 2],
] as const)
  test(`of ${endpoints} open circuits, with at most ${maxEjected} ejected, ${out} stay ejected`, () => {
    expect(endpoints - keptByCap(tally(endpoints, endpoints), maxEjected)).toBe(out);
  });

test('dead, held and paused endpoints count as ejected', () => {
  expect(keptByCap(tally(4, 2, 1), 0.5)).toBe(1);
  expect(keptByCap(tally(4, 1, 2), 0.5)).toBe(1);
  expect(keptByCap(tally(4, 1, 1), 0.5)).toBe(0);
});

test('the last endpoint is kept, also if the others are out for other reasons', () => {
  expect(keptByCap(tally(3, 1, 0, 2), 0.5)).toBe(1);
  expect(keptByCap(tally(3, 2, 0, 1), 1)).toBe(1);
});

test('one endpoint is always usable, and no more circuits are overruled than the cap requires', () => {
  const counts = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(12))
    .filter(([endpoints, ejected, barred]) => ejected + barred <= endpoints);
  fc.assert(
    fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), ([endpoints, ejected, barred], maxEjected) => {
      const kept = keptByCap(tally(endpoints, ejected, barred), maxEjected);
      expect(kept).toBeGreaterThanOrEqual(0);
      expect(kept).toBeLessThanOrEqual(ejected);
      if (ejected > 0) expect(endpoints - ejected - barred + kept).toBeGreaterThan(0);
      const cap = Math.max(1, Math.floor(endpoints * maxEjected));
      if (ejected + barred <= cap && endpoints > ejected + barred) expect(kept).toBe(0);
    }),
  );
});
