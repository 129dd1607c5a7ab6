import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { CacheStore } from '../../src/cache/store.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

export interface OpenStore {
  readonly store: CacheStore;
  /** Advances the time of the store. */
  pass(ms: number): Promise<void> | void;
  /** Returns true if a stored value expires within this time. May advance the time of the store by it. */
  expiresWithin(key: string, ms: number): Promise<boolean>;
  close(): Promise<void>;
}

/** `random` returns numbers from 0 to 1 for the jitter of times to live. */
export type OpenCacheStore = (random: () => number) => Promise<OpenStore>;

const MIDDLE = () => 0.5;

type Promised = (what: string, run: (open: Open) => Promise<void>) => void;

/** Opens a store for one test, with keys that no other test uses: the server may be shared. */
type Open = (random?: () => number) => Promise<OpenStore & { key(text: string): string }>;

const promising =
  (name: string, open: OpenCacheStore, skip: string | null): Promised =>
  (what, run) =>
    test.skipIf(skip !== null)(`${name}: ${what}${skip === null ? '' : ` (${skip})`}`, () =>
      run(async (random = MIDDLE) => {
        const opened = await open(random);
        onTestFinished(() => opened.close());
        const mark = randomUUID();
        return { ...opened, key: (text) => `${mark} ${text}` };
      }),
    );

/** Tests for every implementation of the cache store. */
export const cacheStoreSuite = (name: string, open: OpenCacheStore, skip: string | null = null): void => {
  const promise = promising(name, open, skip);
  keeping(promise);
  leavingOut(promise);
};

const keeping = (promise: Promised): void => {
  promise('stored values are returned in the order of the requested keys', async (opened) => {
    const { store, key } = await opened();
    await store.setMany([
      { key: key('a'), value: '{"a":"ä€😀"}', ttlMs: 60_000 },
      { key: key('b'), value: 'null', ttlMs: 60_000 },
      { key: key('c'), value: '""', ttlMs: 60_000 },
    ]);

    const asked = ['b', 'missing', 'a', 'c', 'a'].map(key);
    expect(await store.getMany(asked)).toEqual(['null', undefined, '{"a":"ä€😀"}', '""', '{"a":"ä€😀"}']);
    expect(store.state).toBe('ok');
  });

  promise('no keys return no values', async (opened) => {
    const { store } = await opened();
    expect(await store.getMany([])).toEqual([]);
    expect(await store.setMany([])).toBeUndefined();
  });

  promise('a later value replaces the earlier', async (opened) => {
    const { store, key } = await opened();
    await store.setMany([{ key: key('a'), value: '1', ttlMs: 60_000 }]);
    await store.setMany([{ key: key('a'), value: '2', ttlMs: 60_000 }]);
    expect(await store.getMany([key('a')])).toEqual(['2']);
  });

  promise('a value expires after its time to live, a longer-lived one stays', async (opened) => {
    const { store, key, pass } = await opened();
    await store.setMany([
      { key: key('short'), value: '1', ttlMs: 300 },
      { key: key('long'), value: '2', ttlMs: 60_000 },
    ]);
    expect(await store.getMany([key('long')])).toEqual(['2']);
    await pass(301);
    await vi.waitFor(
      async () => expect(await store.getMany([key('short'), key('long')])).toEqual([undefined, '2']),
      LONG_WAIT,
    );
  });

  promise('a value with a time to live of 0, a negative one or NaN is not stored', async (opened) => {
    const { store, key } = await opened();
    await store.setMany([0, -1, Number.NaN].map((ttlMs, at) => ({ key: key(`${at}`), value: '1', ttlMs })));
    expect(await store.getMany(['0', '1', '2'].map(key))).toEqual([undefined, undefined, undefined]);
  });

  promise('times to live have a jitter of 10 %', async (opened) => {
    const shortest = await opened(() => 0);
    const longest = await opened(() => 1);
    for (const { store, key } of [shortest, longest])
      await store.setMany([{ key: key('a'), value: '1', ttlMs: 2_000_000 }]);
    const left = async ({ store, key }: typeof shortest) => (await store.getMany([key('a')]))[0];
    expect([await left(shortest), await left(longest)]).toEqual(['1', '1']);

    expect(await shortest.expiresWithin(shortest.key('a'), 1_850_000)).toBe(true);
    expect(await longest.expiresWithin(longest.key('a'), 1_850_000)).toBe(false);
    expect(await longest.expiresWithin(longest.key('a'), 2_200_001)).toBe(true);
  });
};

const leavingOut = (promise: Promised): void => {
  promise('a value of 1 MiB is stored, a larger one is skipped without affecting others', async (opened) => {
    const { store, key } = await opened();
    const largest = 'x'.repeat(1_048_576);
    await store.setMany([
      { key: key('fits'), value: largest, ttlMs: 60_000 },
      { key: key('too large'), value: `${largest}x`, ttlMs: 60_000 },
      { key: key('too large in bytes'), value: 'ä'.repeat(600_000), ttlMs: 60_000 },
      { key: key('small'), value: '1', ttlMs: 60_000 },
    ]);
    const found = await store.getMany(['fits', 'too large', 'too large in bytes', 'small'].map(key));
    expect(found.map((text) => text?.length)).toEqual([1_048_576, undefined, undefined, 1]);
  });

  promise('keys of any length and characters are distinguished', async (opened) => {
    const { store, key } = await opened();
    const long = 'k'.repeat(100_000);
    const keys = [long, `${long}!`, 'a\nb', 'a b', 'a\0b', '*', '__proto__', 'constructor', 'ä', '::', ''].map(key);
    await store.setMany(keys.map((each, at) => ({ key: each, value: String(at), ttlMs: 60_000 })));
    expect(await store.getMany(keys)).toEqual(keys.map((_, at) => String(at)));
  });

  promise('a closed store returns and stores nothing, without an error', async (opened) => {
    const { store, key } = await opened();
    await store.setMany([{ key: key('a'), value: '1', ttlMs: 60_000 }]);
    await store.close();
    await store.setMany([{ key: key('b'), value: '1', ttlMs: 60_000 }]);
    expect(await store.getMany([key('a'), key('b')])).toEqual([undefined, undefined]);
  });
};
