import type { CacheOptions } from '../../backend/batch.ts';
import { listed, type Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';

/** A `cache` and where the module declares it. */
interface Written {
  readonly at: string;
  readonly cache: CacheOptions;
}

/** Every `cache` of a module, by loader name. */
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
          `merge of ${type} has a cache, but no loader`,
          'name a loader in load, or set the cache where the loader is defined',
        )
      : [],
  );

const duplicates = (reading: Reading, loader: string, written: readonly Written[]): readonly Mistake[] =>
  written.length < 2
    ? []
    : [
        inIndex(
          reading,
          `${listed(written.map(({ at }) => at))} each set a cache for ${loader}`,
          'set it in one place',
        ),
      ];

const wrongTime = (reading: Reading, { at, cache }: Written): readonly Mistake[] =>
  cache.ttlMs > 0 && Number.isFinite(cache.ttlMs)
    ? []
    : [inIndex(reading, `ttlMs of the cache in ${at} is ${cache.ttlMs}`, 'use a number of milliseconds above 0')];

/** A public cache serves all callers, so that its data must not depend on the identity of one. */
const publicWithIdentity = (reading: Reading, { at, cache }: Written): readonly Mistake[] => {
  if (cache.scope !== 'public') return [];
  const upstreams = Object.entries(reading.module.upstreams).flatMap(([upstream, { forward }]) =>
    forward?.identity === undefined ? [] : [upstream],
  );
  if (upstreams.length === 0) return [];
  return [
    inIndex(
      reading,
      `the cache in ${at} is public, but the identity of the caller is forwarded to upstream ${listed(upstreams)}`,
      "remove scope: 'public', or remove forward.identity",
    ),
  ];
};

/** Reports caches that contradict each other, store nothing, or would serve one principal's data to another. */
export const wrongCaching = (reading: Reading): readonly Mistake[] => [
  ...withoutLoader(reading),
  ...[...cachesIn(reading)].flatMap(([loader, written]) => [
    ...duplicates(reading, loader, written),
    ...written.flatMap((one) => [...wrongTime(reading, one), ...publicWithIdentity(reading, one)]),
  ]),
];
