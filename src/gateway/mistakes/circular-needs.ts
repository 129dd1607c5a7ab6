import { mergeOf } from './entity.ts';
import type { Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';

/** A field that is computed from others, and whose module says so. */
interface Computed {
  readonly reading: Reading;
  readonly needs: readonly string[];
}

// What a module needs of itself is told in needs.ts.
const neededOfOthers = (reading: Reading, type: string, needs: readonly string[]): readonly string[] =>
  needs.filter((field) => reading.types.get(type)?.fields.has(field) !== true);

const computedFields = (readings: readonly Reading[], type: string): ReadonlyMap<string, Computed> =>
  new Map(
    readings.flatMap((reading) =>
      Object.entries(mergeOf(reading, type)?.needs ?? {}).map(
        ([field, needs]) => [field, { reading, needs: neededOfOthers(reading, type, needs) }] as const,
      ),
    ),
  );

/** The way from a field through what it needs back to itself, the shortest first; null where there is none. */
const wayBack = (start: string, computed: ReadonlyMap<string, Computed>): readonly string[] | null => {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[start]];
  for (const way of ways) {
    for (const needed of computed.get(way.at(-1) ?? start)?.needs ?? []) {
      if (needed === start) return [...way, start];
      if (!seen.has(needed)) ways.push([...way, needed]);
      seen.add(needed);
    }
  }
  return null;
};

const ofType = (readings: readonly Reading[], type: string): readonly Mistake[] => {
  const computed = computedFields(readings, type);
  const told = new Set<string>();
  return [...computed].flatMap(([field, { reading }]) => {
    if (told.has(field)) return [];
    const way = wayBack(field, computed);
    if (way === null) return [];
    for (const one of way) told.add(one);
    const wrong = way.map((one) => `${type}.${one}`).join(' needs ');
    return inIndex(reading, wrong, 'compute one of them from something else');
  });
};

/** Computed fields that wait for each other. */
export const circularNeeds = (readings: readonly Reading[]): readonly Mistake[] =>
  [...new Set(readings.flatMap(({ module }) => Object.keys(module.merge)))].flatMap((type) => ofType(readings, type));
