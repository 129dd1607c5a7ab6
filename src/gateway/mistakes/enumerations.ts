import type { Enumeration } from '../../backend/enumeration.ts';
import { listed, type Mistake } from './mistake.ts';
import { inIndex, type Reading } from './reading.ts';

const INTERNAL: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean']);

const wrongNames = (reading: Reading, type: string, given: readonly string[]): readonly Mistake[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const view = reading.types.get(type);
  if (view?.kind !== 'enum') {
    const wrong = `resolvers has an enumeration ${type}, which the SDL ${view === undefined ? 'lacks' : 'defines otherwise'}`;
    return [inIndex(reading, wrong, `write \`enum ${type} { … }\` in the SDL, or take it away`)];
  }
  const lacking = [...view.content.keys()].filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !view.content.has(name));
  return [
    ...(lacking.length === 0
      ? []
      : [inIndex(reading, `the enumeration ${type} lacks ${listed(lacking)}`, 'give every name an internal value')]),
    ...unknown.map((name) =>
      inIndex(
        reading,
        `the enumeration ${type} has ${name}, a name that the SDL lacks`,
        'correct the name, or add it to the enum',
      ),
    ),
  ];
};

const wrongValues = (reading: Reading, type: string, values: readonly [string, unknown][]): readonly Mistake[] => {
  const unfit = values.filter(([, value]) => !INTERNAL.has(typeof value));
  const alike = Map.groupBy(
    values.filter(([, value]) => INTERNAL.has(typeof value)),
    ([, value]) => value,
  );
  return [
    ...unfit.map(([name]) =>
      inIndex(reading, `${type}.${name} has no internal value`, 'write a text, a number or a boolean'),
    ),
    ...[...alike]
      .filter(([, entries]) => entries.length > 1)
      .map(([value, entries]) => {
        const names = listed(entries.map(([name]) => name));
        const wrong = `${names} of ${type} have the same internal value, ${String(value)}`;
        return inIndex(reading, wrong, 'give each a value of its own');
      }),
  ];
};

/** Internal values by which an enum of the SDL cannot be told apart, or which are not all there. */
export const wrongEnumeration = (reading: Reading, type: string, { values }: Enumeration): readonly Mistake[] => {
  const entries = Object.entries<unknown>(Object(values));
  const names = entries.map(([name]) => name);
  return [...wrongNames(reading, type, names), ...wrongValues(reading, type, entries)];
};
