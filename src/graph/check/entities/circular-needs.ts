import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { needsIn } from './required-fields.ts';

/** A computed field, with the fields that its module declares in `needs`. */
interface Computed {
  readonly reading: ParsedModule;
  readonly needs: readonly string[];
}

// required-fields.ts reports a field that needs a field of its own module.
const neededOfOthers = (reading: ParsedModule, type: string, needs: readonly string[]): readonly string[] =>
  needs.filter((field) => reading.types.get(type)?.fields.has(field) !== true);

const computedFields = (readings: readonly ParsedModule[], type: string): ReadonlyMap<string, Computed> =>
  new Map(
    readings.flatMap((reading) =>
      [...needsIn(reading, type)].map(([field, needs]) => {
        const names = needs.map(({ name }) => name);
        return [field, { reading, needs: neededOfOthers(reading, type, names) }] as const;
      }),
    ),
  );

/** Shortest path from a field through its needs back to itself; null without a cycle. */
const cycleFrom = (start: string, computed: ReadonlyMap<string, Computed>): readonly string[] | null => {
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

const ofType = (readings: readonly ParsedModule[], type: string): readonly ModuleProblem[] => {
  const computed = computedFields(readings, type);
  const reported = new Set<string>();
  return [...computed].flatMap(([field, { reading }]) => {
    if (reported.has(field)) return [];
    const way = cycleFrom(field, computed);
    if (way === null) return [];
    for (const one of way) reported.add(one);
    const problem = `${way.map((one) => `${type}.${one}`).join(' needs ')}, which is a cycle`;
    return inIndex(reading, problem, 'remove one of these needs');
  });
};

/** Reports computed fields that need each other in a cycle. */
export const circularNeeds = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  [...new Set(readings.flatMap(({ module }) => Object.keys(module.merge)))].flatMap((type) => ofType(readings, type));
