import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { documentCache } from './document-cache.ts';

const document = (fields: number) => parse(`{ ${'a '.repeat(fields)}}`);

test('the least recently used documents beyond the limit are evicted', async () => {
  const cache = documentCache(100_000);
  for (const key of ['a', 'b']) await cache.set(key, document(100));
  expect(await cache.get('a')).toBeDefined();
  await cache.set('c', document(100));
  expect(await Promise.all(['a', 'b', 'c'].map(async (key) => (await cache.get(key)) !== undefined))).toEqual([
    true,
    false,
    true,
  ]);
});

test('a document larger than the limit is not cached and evicts nothing', async () => {
  const cache = documentCache(100_000);
  await cache.set('a', document(100));
  await cache.set('large', document(1_000));
  expect(await cache.get('large')).toBeUndefined();
  expect(await cache.get('a')).toBeDefined();
  await cache.delete('a');
  expect(await cache.get('a')).toBeUndefined();
});
