import type { CacheOptions } from '../../backend/batch.ts';
import { listed, type Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';

/** A `cache`, and where it is written. */
interface Written {
  readonly at: string;
  readonly cache: CacheOptions;
}

/** Every `cache` that a module writes, by the loader that it applies to. */
const cachesIn = ({ module, loaders }: Reading): ReadonlyMap<string, readonly Written[]> => {
  const caches = new Map<string, Written[]>();
  const add = (loader: string, written: Written) => caches.set(loader, [...(caches.get(loader) ?? []), written]);
  if (loaders.is === 'made')
    for (const [loader, { cache }] of Object.entries(loaders.batches))
      if (cache) add(loader, { at: `loader ${loader}`, cache });
  for (const [type, { load, cache }] of Object.entries(module.merge))
    if (load !== undefined && cache) add(load, { at: `merge of ${type}`, cache });
  return caches;
};

const withoutLoader = (reading: Reading): readonly Mistake[] =>
  Object.entries(reading.module.merge).flatMap(([type, { load, cache }]) =>
    cache && load === undefined
      ? inIndex(
          reading,
          `merge of ${type} has a cache, but no loader to keep anything of`,
          'name it in load, or write the cache where a loader is defined',
        )
      : [],
  );

const rivals = (reading: Reading, loader: string, written: readonly Written[]): readonly Mistake[] =>
  written.length < 2
    ? []
    : [
        inIndex(
          reading,
          `${listed(written.map(({ at }) => at))} each say how long what ${loader} finds is kept`,
          'say it in one place',
        ),
      ];

const wrongTime = (reading: Reading, { at, cache }: Written): readonly Mistake[] =>
  cache.ttlMs > 0 && Number.isFinite(cache.ttlMs)
    ? []
    : [inIndex(reading, `ttlMs of the cache in ${at} is ${cache.ttlMs}`, 'give a number of milliseconds above 0')];

/** What is kept for everybody must not depend on who asked first. */
const withIdentity = (reading: Reading, { at, cache }: Written): readonly Mistake[] => {
  if (cache.scope !== 'public') return [];
  const telling = Object.entries(reading.module.upstreams).flatMap(([upstream, { forward }]) =>
    forward?.identity === undefined ? [] : [upstream],
  );
  if (telling.length === 0) return [];
  return [
    inIndex(
      reading,
      `the cache in ${at} is public, but upstream ${listed(telling)} is told who asks`,
      "leave scope: 'public' away, or take forward.identity away",
    ),
  ];
};

/** Caches that contradict each other, keep nothing, or would show one principal's data to another. */
export const wrongCaching = (reading: Reading): readonly Mistake[] => [
  ...withoutLoader(reading),
  ...[...cachesIn(reading)].flatMap(([loader, written]) => [
    ...rivals(reading, loader, written),
    ...written.flatMap((one) => [...wrongTime(reading, one), ...withIdentity(reading, one)]),
  ]),
];
