import { elsewhere, inIndex, mayBeDefined, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import type { TypeView } from '../type-summary.ts';
import { mergeOf, whyNotCarried } from './entity.ts';

interface Need {
  readonly type: string;
  readonly computed: string;
  readonly needed: string;
}

const wrongNeed = (
  { type, computed, needed }: Need,
  own: TypeView,
  reading: ParsedModule,
  readings: readonly ParsedModule[],
): readonly ModuleProblem[] => {
  const what = `${type}.${computed} needs ${needed}`;
  if (own.fields.has(needed))
    return [
      inIndex(
        reading,
        `${what}, which is a field of ${reading.module.name} itself`,
        `remove it from needs, and read it in the resolver of ${computed}`,
      ),
    ];
  const givers = readings.flatMap((other) => {
    const node = other === reading ? undefined : other.types.get(type)?.fields.get(needed);
    return node === undefined ? [] : [{ other, node }];
  });
  if (givers.length === 0)
    return mayBeDefined(readings, type, [needed])
      ? []
      : [inIndex(reading, `${what}, which no other module has`, 'correct the name, or remove it from needs')];
  return givers.flatMap(({ other, node }) => {
    const why = whyNotCarried(other, node);
    if (why === null) return [];
    return inIndex(reading, `${what}, which ${why} in ${elsewhere(other, node.name)}`, 'use another field');
  });
};

/** A computed field must be in the SDL and have a resolver. */
const wrongComputed = (
  type: string,
  computed: string,
  own: TypeView,
  reading: ParsedModule,
): readonly ModuleProblem[] => {
  if (!own.fields.has(computed)) {
    const problem = `needs names ${type}.${computed}, a field that ${type} does not have`;
    return [inIndex(reading, problem, 'correct the name, or add the field to the SDL')];
  }
  if (Object.hasOwn(reading.module.resolvers[type] ?? {}, computed)) return [];
  const problem = `needs names ${type}.${computed}, which has no resolver to compute it`;
  return [inIndex(reading, problem, `add ${computed} to resolvers.${type}`)];
};

const ofType = (
  type: string,
  own: TypeView,
  reading: ParsedModule,
  readings: readonly ParsedModule[],
): readonly ModuleProblem[] =>
  Object.entries(mergeOf(reading, type)?.needs ?? {}).flatMap(([computed, needs]) => {
    return [
      ...wrongComputed(type, computed, own, reading),
      ...needs.flatMap((needed) => wrongNeed({ type, computed, needed }, own, reading, readings)),
    ];
  });

/** Reports `needs` of missing fields and of fields without resolver, and needed fields that cannot be join inputs. */
export const invalidRequiredFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    Object.keys(reading.module.merge).flatMap((type) => {
      const own = reading.types.get(type);
      return own?.kind === 'type' ? ofType(type, own, reading, readings) : [];
    }),
  );
