import { createHash } from 'node:crypto';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { DocumentCache } from './document-cache.ts';

const document = (fields: number) => parse(`{ ${'a '.repeat(fields)}}`);

test('the least recently used documents beyond the limit are evicted', async () => {
  const cache = new DocumentCache(100_000);
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
  const cache = new DocumentCache(100_000);
  await cache.set('a', document(100));
  await cache.set('large', document(1_000));
  expect(await cache.get('large')).toBeUndefined();
  expect(await cache.get('a')).toBeDefined();
  await cache.delete('a');
  expect(await cache.get('a')).toBeUndefined();
});

test('the operations resolved in a document are evicted with it', async () => {
  const cache = new DocumentCache(100_000);
  const held = document(100);
  const [operation] = held.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
  cache.keep('a', null, { document: held, operation });
  expect(cache.find('a', null)).toBeNull();
  await cache.set('schema:a', held);
  cache.keep('a', null, { document: held, operation });
  expect(cache.find('a', null)).toEqual({ document: held, operation });
  expect(cache.find('a', 'Other')).toBeNull();
  await cache.set('schema:b', document(100));
  await cache.set('schema:c', document(100));
  expect(cache.find('a', null)).toBeNull();
});

test('the hash of a text is not computed while its document is cached', async () => {
  const cache = new DocumentCache(100_000);
  const [text, large] = [`{ ${'a '.repeat(100)}}`, `{ ${'a '.repeat(1_000)}}`];
  const computed = (of: string) => createHash('sha256').update(of).digest('hex');
  expect(cache.hashOf(text)).toBe(computed(text));
  // No hash, to see where it comes from.
  await cache.set('schema:cached', parse(text));
  expect(cache.hashOf(text)).toBe('cached');
  await cache.set('schema:large', parse(large));
  expect(cache.hashOf(large)).toBe(computed(large));
  for (const other of ['b', 'c']) await cache.set(other, parse(`{ ${other} ${'a '.repeat(100)}}`));
  expect(cache.hashOf(text)).toBe(computed(text));
});
