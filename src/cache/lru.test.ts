import { expect, test } from 'vitest';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { LruTexts } from './lru.ts';
import { memoryStore } from './memory.ts';

const KIB = 1_024;

test('the least recently used text is evicted first', async () => {
  const texts = new LruTexts(10 * KIB, manualClock());
  for (const key of ['a', 'b', 'c', 'd']) await texts.set(key, 'x'.repeat(KIB));
  expect(await texts.get('a')).toHaveLength(KIB);
  await texts.set('e', 'x'.repeat(KIB));

  expect(await texts.getMany(['a', 'b', 'c', 'd', 'e'])).toEqual([
    expect.any(String),
    undefined,
    expect.any(String),
    expect.any(String),
    expect.any(String),
  ]);
});

test('the size never exceeds the limit, with overwritten, deleted, expired and too large texts', async () => {
  const clock = manualClock();
  const texts = new LruTexts(64 * KIB, clock);
  let most = 0;
  for (let round = 0; round < 5_000; round += 1) {
    await texts.set(`key ${(round * 7) % 300}`, 'ä'.repeat((round * 37) % 3_000), (round % 50) + 1);
    if (round % 3 === 0) await texts.delete(`key ${round % 300}`);
    if (round % 5 === 0) await texts.get(`key ${round % 300}`);
    most = Math.max(most, texts.bytes);
    clock.advance(1);
  }
  expect(most).toBeLessThanOrEqual(64 * KIB);
  expect(most).toBeGreaterThan(48 * KIB);
  expect(await texts.set('huge', 'x'.repeat(64 * KIB))).toBe(false);
  expect(await texts.get('huge')).toBeUndefined();

  for (let key = 0; key < 300; key += 1) await texts.delete(`key ${key}`);
  expect(texts.bytes).toBe(0);
});

test('reading an expired value frees its bytes', async () => {
  const clock = manualClock();
  const texts = new LruTexts(64 * KIB, clock);
  await texts.set('a', '1', 100);
  clock.advance(100);
  expect(await texts.get('a')).toBeUndefined();
  expect(texts.bytes).toBe(0);
});

test('a memory store does not exceed its limit', async () => {
  const store = memoryStore(manualClock(), { maxBytes: 1_024 * KIB });
  const value = 'x'.repeat(10 * KIB);
  for (let at = 0; at < 1_000; at += 1) await store.setMany([{ key: `${at}`, value, ttlMs: 60_000 }]);
  const found = await store.getMany(Array.from({ length: 1_000 }, (_, at) => `${at}`));
  const kept = found.filter((text) => text !== undefined).length;
  expect(kept).toBeGreaterThan(40);
  expect(kept).toBeLessThanOrEqual(52);
  expect(found[999]).toBe(value);
});
