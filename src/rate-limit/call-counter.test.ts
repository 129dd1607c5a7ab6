import { expect, test } from 'vitest';
import { callCounterSuite } from '../../test/suites/call-counter.ts';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { seeded } from '../../test/support/random/seeded.ts';
import { MemoryCallCounter, memoryCallCounters } from './call-counter.ts';

callCounterSuite('in memory', async () => memoryCallCounters());

test('in no period of any begin are more calls admitted than the quota, and a full load gets nearly all of it', async () => {
  const clock = manualClock();
  const random = seeded(15);
  const counter = new MemoryCallCounter({ limit: 20, seconds: 10 }, clock);
  const admitted: number[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    clock.advance(random() * 20);
    // Bursts and silences.
    if (random() < 0.3 && (await counter.take()).admitted) admitted.push(clock.now());
    if (random() < 0.001) clock.advance(random() * 15_000);
  }
  const most = Math.max(...admitted.map((from) => admitted.filter((at) => at >= from && at < from + 10_000).length));
  expect(most).toBe(20);
  expect(admitted.length).toBeGreaterThan(350);
});

test('a refused call is admitted after the time that was stated, and not before', async () => {
  const clock = manualClock();
  const counter = new MemoryCallCounter({ limit: 1, seconds: 60 }, clock);
  clock.advance(30_500);
  await counter.take();
  const refused = await counter.take();
  if (refused.admitted) throw new Error('a second call was admitted');
  clock.advance(refused.retryMs - 1);
  expect((await counter.take()).admitted).toBe(false);
  clock.advance(1);
  expect((await counter.take()).admitted).toBe(true);
});

test('the statement of a provider ends at its reset', async () => {
  const clock = manualClock();
  const counter = new MemoryCallCounter({ limit: 10, seconds: 60 }, clock);
  await counter.take();
  counter.correct({ ordinal: 1, remaining: 0, resetMs: 5_000 });
  expect((await counter.take()).admitted).toBe(false);
  clock.advance(5_000);
  expect((await counter.take()).admitted).toBe(true);
});
