import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import { each } from './each.ts';

const site = { upstream: 'accounts.users', route: 'GET /users/{id}' };

/** Calls that are answered by hand. */
const calls = () => {
  const open = new Map<string, (value: string | Error) => void>();
  const made: string[] = [];
  const load = (key: string) =>
    new Promise<string>((resolve, reject) => {
      made.push(key);
      open.set(key, (value) => (value instanceof Error ? reject(value) : resolve(value)));
    });
  return { load, made, answer: (key: string, value: string | Error = `row ${key}`) => open.get(key)?.(value) };
};

/** Lets all promise callbacks run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('at most `concurrency` calls are open, and a call that ends starts the next', async () => {
  const { load, made, answer } = calls();
  const found = each(load, { concurrency: 2 }).load(['a', 'b', 'c', 'd']);
  await settled();
  expect(made).toEqual(['a', 'b']);
  answer('b');
  await settled();
  expect(made).toEqual(['a', 'b', 'c']);
  answer('a');
  answer('c');
  await settled();
  answer('d');
  const values = await found;
  expect(made).toEqual(['a', 'b', 'c', 'd']);
  expect(['a', 'b', 'c', 'd'].map((key) => values.get(key))).toEqual(['row a', 'row b', 'row c', 'row d']);
});

test('a failed call costs its own key, and a missing row is null', async () => {
  const failure = new UpstreamError('UPSTREAM_ERROR', site, 'answered 500');
  const values = await each(async (key: string) => {
    if (key === 'broken') throw failure;
    if (key === 'absent') throw new UpstreamError('NOT_FOUND', site, 'answered 404');
    return key === 'empty' ? undefined : `row ${key}`;
  }).load(['a', 'broken', 'absent', 'empty', 'b']);
  expect(['a', 'broken', 'absent', 'empty', 'b'].map((key) => values.get(key))).toEqual([
    'row a',
    failure,
    null,
    null,
    'row b',
  ]);
});

test('a loader that throws at once, or something that is not an Error, fails its own key', async () => {
  const values = await each((key: string): Promise<string> => {
    if (key === 'sync') throw new TypeError('not a function');
    return key === 'text' ? Promise.reject('a text') : Promise.resolve(key);
  }).load(['sync', 'text', 'a']);
  expect(values.get('sync')).toBeInstanceOf(TypeError);
  expect(values.get('text')).toMatchObject({ message: 'The loader failed.', cause: 'a text' });
  expect(values.get('a')).toBe('a');
});

test('an object key is found by the scalar of `key`', async () => {
  const { load, keyOf } = each(async ({ sku, region }: { sku: string; region: string }) => `${sku} in ${region}`, {
    key: ({ sku, region }) => JSON.stringify([sku, region]),
  });
  const key = { sku: 's1', region: 'eu' };
  expect((await load([key])).get(keyOf({ ...key }))).toBe('s1 in eu');
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a concurrency of %s is refused', (concurrency) => {
  expect(() => each(async (key: string) => key, { concurrency })).toThrow(
    `each: concurrency must be a whole number of at least 1, not ${concurrency}.`,
  );
});
