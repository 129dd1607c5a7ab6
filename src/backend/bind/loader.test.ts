import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch, byKey, groupBy } from '../define/batch.ts';
import { UrlTooLongError } from '../rest/rest-call.ts';
import { BoundLoader } from './loader.ts';

interface Row {
  readonly id: string;
  readonly n: number;
}

/** A backend of rows by id that records its calls and returns the given answer. */
const backend = (answer: (ids: readonly string[]) => readonly Row[], options: { readonly maxSize?: number } = {}) => {
  const calls: (readonly string[])[] = [];
  const declared = batch(async (ids: readonly string[]) => {
    calls.push(ids);
    return byKey(answer(ids), 'id');
  }, options);
  return { calls, declared };
};

const rows = (ids: readonly string[]): Row[] => ids.map((id) => ({ id, n: id.length }));

test('keys of one batch are loaded by one call, each once', async () => {
  const { calls, declared } = backend(rows);
  const loader = new BoundLoader(declared);
  const found = await Promise.all(['a', 'bb', 'a'].map((id) => loader.load(id)));
  expect(found).toEqual([
    { id: 'a', n: 1 },
    { id: 'bb', n: 2 },
    { id: 'a', n: 1 },
  ]);
  expect(calls).toEqual([['a', 'bb']]);
});

test('a loaded key is not loaded again in the same request, but is in another', async () => {
  const { calls, declared } = backend(rows);
  const loader = new BoundLoader(declared);
  await loader.load('a');
  await loader.load('a');
  expect(calls).toEqual([['a']]);
  await new BoundLoader(declared).load('a');
  expect(calls).toEqual([['a'], ['a']]);
});

test('no answer, however mixed up, assigns a key another key’s row', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat()),
      fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      async (ids, picks, maxSize) => {
        const known = new Set(picks.map((pick) => ids[pick % ids.length] ?? ''));
        // In the order of the picks with their repetitions, without keys that were not picked.
        const mixed = (asked: readonly string[]) =>
          rows(picks.map((pick) => ids[pick % ids.length] ?? '').filter((id) => asked.includes(id)));
        const { calls, declared } = backend(mixed, maxSize === undefined ? {} : { maxSize });
        const loader = new BoundLoader(declared);
        const found = await Promise.all(ids.map((id) => loader.load(id)));
        expect(found).toEqual(ids.map((id) => (known.has(id) ? { id, n: id.length } : null)));
        expect(calls.flat()).toEqual(ids);
        expect(calls).toHaveLength(Math.ceil(ids.length / (maxSize ?? ids.length)));
      },
    ),
  );
});

test('a missing key is null, and an empty list with groupBy', async () => {
  const { declared } = backend(() => []);
  expect(await new BoundLoader(declared).load('a')).toBeNull();
  const groups = batch(async (_ids: readonly string[]) => groupBy(rows([]), 'id'));
  expect(await new BoundLoader(groups).load('a')).toEqual([]);
});

test('an Error in the answer fails its key alone', async () => {
  const failure = new Error('withdrawn');
  const declared = batch(
    async (_ids: readonly string[]) =>
      new Map<string, number | Error>([
        ['a', 1],
        ['b', failure],
      ]),
  );
  const loader = new BoundLoader(declared);
  expect(await Promise.allSettled([loader.load('a'), loader.load('b')])).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: failure },
  ]);
  expect(await loader.loadMany(['a', 'b'])).toEqual([1, failure]);
});

test('a failed call fails each of its keys, and a later batch loads them again', async () => {
  let fails = true;
  const { calls, declared } = backend((ids) => {
    if (fails) throw new Error('down');
    return rows(ids);
  });
  const loader = new BoundLoader(declared);
  const first = await Promise.allSettled([loader.load('a'), loader.load('b')]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await loader.load('a')).toEqual({ id: 'a', n: 1 });
  expect(calls).toEqual([['a', 'b'], ['a']]);
});

test('object keys with the same scalar are one key', async () => {
  const calls: unknown[] = [];
  const declared = batch(
    async (keys: readonly { sku: string; region: string }[]) => {
      calls.push(keys);
      return new Map(keys.map(({ sku, region }) => [`${sku} ${region}`, `${sku} in ${region}`]));
    },
    { key: ({ sku, region }) => `${sku} ${region}` },
  );
  const loader = new BoundLoader(declared);
  const asked = [
    { sku: 'a', region: 'eu' },
    { sku: 'a', region: 'us' },
    { region: 'eu', sku: 'a' },
  ];
  expect(await Promise.all(asked.map((key) => loader.load(key)))).toEqual(['a in eu', 'a in us', 'a in eu']);
  expect(calls).toEqual([asked.slice(0, 2)]);
});

test('a batch with too long a URL is halved until it fits, and each key finds its own row', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (ids, fits) => {
        const sent: number[] = [];
        const { declared } = backend((asked) => {
          if (asked.length > fits) throw new UrlTooLongError(asked.length, fits);
          sent.push(asked.length);
          return rows(asked).reverse();
        });
        const loader = new BoundLoader(declared);
        expect(await Promise.all(ids.map((id) => loader.load(id)))).toEqual(rows(ids));
        expect(sent.reduce((sum, size) => sum + size, 0)).toBe(ids.length);
      },
    ),
  );
});

test('a single key with too long a URL fails with UrlTooLongError', async () => {
  const { calls, declared } = backend((ids) => {
    throw new UrlTooLongError(ids.length, 0);
  });
  await expect(new BoundLoader(declared).load('a')).rejects.toBeInstanceOf(UrlTooLongError);
  expect(calls).toEqual([['a']]);
});

test('a key that alone makes the URL too long fails alone, whatever its batch contains', async () => {
  const { declared } = backend((ids) => {
    const length = ids.join(',').length;
    if (length > 5) throw new UrlTooLongError(length, 5);
    return rows(ids);
  });
  const loader = new BoundLoader(declared);
  const found = await loader.loadMany(['a', 'longer', 'b', 'cc']);
  expect(found).toEqual([{ id: 'a', n: 1 }, expect.any(UrlTooLongError), { id: 'b', n: 1 }, { id: 'cc', n: 2 }]);
});
