import type { Enumeration } from '../../backend/define/scalars/enumeration.ts';
import { inIndex, type ParsedModule } from './parsed-module.ts';
import { listed, type ModuleProblem } from './problem.ts';

const INTERNAL: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean']);

const wrongNames = (reading: ParsedModule, type: string, names: readonly string[]): readonly ModuleProblem[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const view = reading.types.get(type);
  if (view?.kind !== 'enum') {
    const problem = `resolvers has an enumeration ${type}, which is ${view === undefined ? 'not' : 'no enum'} in the SDL`;
    return [inIndex(reading, problem, `write \`enum ${type} { … }\` in the SDL, or remove it`)];
  }
  const missing = [...view.content.keys()].filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !view.content.has(name));
  return [
    ...(missing.length === 0
      ? []
      : [inIndex(reading, `the enumeration ${type} lacks ${listed(missing)}`, 'add a value for each')]),
    ...unknown.map((name) =>
      inIndex(
        reading,
        `the enumeration ${type} has ${name}, which is not in the SDL`,
        'correct the name, or add it to the enum',
      ),
    ),
  ];
};

const wrongValues = (
  reading: ParsedModule,
  type: string,
  values: readonly [string, unknown][],
): readonly ModuleProblem[] => {
  const invalid = values.filter(([, value]) => !INTERNAL.has(typeof value));
  const byValue = Map.groupBy(
    values.filter(([, value]) => INTERNAL.has(typeof value)),
    ([, value]) => value,
  );
  return [
    ...invalid.map(([name]) =>
      inIndex(reading, `${type}.${name} has no valid internal value`, 'use a string, a number or a boolean'),
    ),
    ...[...byValue]
      .filter(([, entries]) => entries.length > 1)
      .map(([value, entries]) => {
        const names = listed(entries.map(([name]) => name));
        const problem = `${names} of ${type} have the same internal value, ${String(value)}`;
        return inIndex(reading, problem, 'use a different value for each');
      }),
  ];
};

/** Reports an enumeration without exactly one distinct internal value for each name of the SDL's enum. */
export const wrongEnums = (reading: ParsedModule, type: string, { values }: Enumeration): readonly ModuleProblem[] => {
  const entries = Object.entries<unknown>(Object(values));
  const names = entries.map(([name]) => name);
  return [...wrongNames(reading, type, names), ...wrongValues(reading, type, entries)];
};
