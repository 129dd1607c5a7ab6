import { type RoutePattern, readRoutePattern, type Segment } from '../../../backend/routes/route-pattern.ts';
import { elsewhereInIndex, inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

/** Relation of the paths that two patterns match. */
type Relation = 'equal' | 'apart' | 'more' | 'less' | 'overlapping';

const both = (one: Relation, other: Relation): Relation => {
  if (one === 'apart' || other === 'apart') return 'apart';
  if (one === 'equal' || one === other) return other;
  return other === 'equal' ? one : 'overlapping';
};

/** `less` if the first matches more paths than the second. */
const relationOf = (one: Segment | undefined, other: Segment | undefined): Relation => {
  if (one === undefined || other === undefined) return one === other ? 'equal' : 'apart';
  if (one.is === 'fixed' && other.is === 'fixed') return one.text === other.text ? 'equal' : 'apart';
  if (one.is === other.is) return 'equal';
  if (one.is === 'rest') return 'less';
  if (other.is === 'rest') return 'more';
  return one.is === 'fixed' ? 'more' : 'less';
};

const relation = (one: readonly Segment[], other: readonly Segment[]): Relation => {
  let result: Relation = 'equal';
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    result = both(result, relationOf(one[at], other[at]));
    if (one[at]?.is === 'rest' || other[at]?.is === 'rest') break;
  }
  return result;
};

interface Known {
  readonly reading: ParsedModule;
  readonly key: string;
  readonly pattern: RoutePattern;
}

const patternsOf = (readings: readonly ParsedModule[]): readonly Known[] =>
  readings.flatMap((reading) =>
    Object.keys(reading.module.routes ?? {}).flatMap((key) => {
      const pattern = readRoutePattern(key);
      return pattern.is === 'read' ? [{ reading, key, pattern: pattern.value }] : [];
    }),
  );

/**
 * Reports routes with the same paths, and routes that share paths although neither is more specific: `GET /files/{id}` and
 * `GET /{kind}/recent` both match `/files/recent`.
 */
export const conflictingRoutes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const known = patternsOf(readings);
  return known.flatMap(({ reading, key, pattern }, at) =>
    known.slice(0, at).flatMap((earlier) => {
      if (earlier.pattern.method !== pattern.method) return [];
      const found = relation(earlier.pattern.segments, pattern.segments);
      if (found !== 'equal' && found !== 'overlapping') return [];
      const of = earlier.reading === reading ? 'this module' : elsewhereInIndex(earlier.reading);
      const problem =
        found === 'equal'
          ? `route ${JSON.stringify(key)} has the paths of ${JSON.stringify(earlier.key)} of ${of}`
          : `route ${JSON.stringify(key)} shares paths with ${JSON.stringify(earlier.key)} of ${of}, and neither is more specific`;
      return [inIndex(reading, problem, 'change one of the two paths')];
    }),
  );
};
