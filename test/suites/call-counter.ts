import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CallCounter, OpenCallCounter, Taken } from '../../src/rate-limit/call-counter.ts';

const HOUR = 3_600;
const admittedIn = (results: readonly Taken[]): number => results.filter(({ admitted }) => admitted).length;
const takeAll = (counter: CallCounter, count: number): Promise<readonly Taken[]> =>
  Promise.all(Array.from({ length: count }, () => counter.take()));
const ordinalOf = (taken: Taken): number => (taken.admitted ? taken.ordinal : -1);

/** Tests for every implementation of the counter of calls. */
export const callCounterSuite = (name: string, opened: () => Promise<OpenCallCounter>): void => {
  const counterOf = async (limit: number, seconds = HOUR) => (await opened())({ limit, seconds }, randomUUID());

  test(`${name}: admits the quota, and refuses the rest until a part of the period has passed`, async () => {
    const counter = await counterOf(3);
    const results = await takeAll(counter, 5);
    expect(admittedIn(results)).toBe(3);
    const [refused] = results.filter(({ admitted }) => !admitted);
    expect(refused).toMatchObject({ admitted: false });
    if (refused?.admitted === false) {
      expect(refused.retryMs).toBeGreaterThan(HOUR * 1_000 - 1_000);
      expect(refused.retryMs).toBeLessThanOrEqual((HOUR * 1_000 * 62) / 60);
    }
    expect(counter.snapshot()).toMatchObject({ remaining: 0, refusesForMs: expect.any(Number) });
  });

  test(`${name}: admits no more than the quota concurrently, and numbers the calls`, async () => {
    const results = await takeAll(await counterOf(50), 200);
    expect(admittedIn(results)).toBe(50);
    const ordinals = results.filter(({ admitted }) => admitted).map(ordinalOf);
    expect(ordinals.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  test(`${name}: the provider's count replaces a larger own one`, async () => {
    const counter = await counterOf(100);
    const first = await counter.take();
    counter.correct({ ordinal: ordinalOf(first), remaining: 2, resetMs: 60_000 });
    const results = await takeAll(counter, 5);
    expect(admittedIn(results)).toBe(2);
    const refused = results.find(({ admitted }) => !admitted);
    expect(refused?.admitted === false && refused.retryMs > 50_000 && refused.retryMs <= 60_000).toBe(true);
  });

  test(`${name}: calls sent after the answered one count against what the provider states`, async () => {
    const counter = await counterOf(100);
    const sent = await takeAll(counter, 4);
    counter.correct({ ordinal: ordinalOf(sent[0] ?? { admitted: false, retryMs: 0 }), remaining: 5, resetMs: 60_000 });
    expect(admittedIn(await takeAll(counter, 10))).toBe(2);
  });

  test(`${name}: the answer to the latest call counts, in any order of arrival`, async () => {
    const counter = await counterOf(100);
    const [first, second] = await takeAll(counter, 2);
    if (first === undefined || second === undefined) throw new Error('two calls were made');
    counter.correct({ ordinal: ordinalOf(second), remaining: 7, resetMs: 60_000 });
    counter.correct({ ordinal: ordinalOf(first), remaining: 1, resetMs: 60_000 });
    expect(admittedIn(await takeAll(counter, 10))).toBe(7);
  });

  test(`${name}: a rejection refuses further calls immediately`, async () => {
    const counter = await counterOf(100);
    const first = await counter.take();
    counter.correct({ ordinal: ordinalOf(first), remaining: 0, resetMs: 30_000 });
    expect(await counter.take()).toMatchObject({ admitted: false });
  });
};
