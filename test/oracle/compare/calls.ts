import { keyText } from '../modules/entities.ts';
import type { Asked } from '../modules/world.ts';

const isNothing = (key: unknown): boolean => key === null || key === undefined;

/** True for a missing key, or a composite key with a missing part. */
const hasNothing = (key: unknown): boolean =>
  isNothing(key) || (Object.getPrototypeOf(key) === Object.prototype && Object.values(Object(key)).some(isNothing));

interface Wanted {
  readonly name: string;
  readonly selection?: string;
  readonly keys: readonly unknown[];
  readonly failed: ReadonlySet<unknown>;
}

const loadersIn = (asked: readonly Asked[]): readonly Wanted[] =>
  asked.flatMap((one) => (one.what === 'loader' ? [one] : []));

const keysIn = (asked: readonly Asked[]): readonly string[] =>
  loadersIn(asked).flatMap(({ name, keys }) => keys.map((key) => `${name} ${keyText(key)}`));

const repeated = (got: readonly Asked[], most: number): string[] => {
  const counts = new Map<string, number>();
  for (const { name, keys, failed, selection = '' } of loadersIn(got))
    for (const key of keys) {
      const text = `${name} ${keyText(key)} ${selection}`.trimEnd();
      if (!failed.has(key)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  return [...counts].filter(([, count]) => count > most).map(([key, count]) => `${key} was asked for ${count} times`);
};

const operationsIn = (asked: readonly Asked[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const one of asked)
    if (one.what === 'resolver' && one.isCounted === true)
      counts.set(one.coordinate, (counts.get(one.coordinate) ?? 0) + 1);
  return counts;
};

/** Root fields of services that were not called once for each field of the operation. */
export const wrongOperations = (got: readonly Asked[], expected: readonly Asked[]): readonly string[] => {
  const [here, there] = [operationsIn(got), operationsIn(expected)];
  return [...new Set([...here.keys(), ...there.keys()])].flatMap((field) =>
    here.get(field) === there.get(field)
      ? []
      : [`${field} of a service was called ${here.get(field)} times instead of ${there.get(field)}`],
  );
};

/**
 * Returns what is wrong with the calls of modules, one line each: an invalid key, a key loaded more than once for each
 * root field that may load again, a key or a field that the reference did not load.
 */
export const wrongCalls = (got: readonly Asked[], expected: readonly Asked[], most: number): readonly string[] => {
  const nothing = loadersIn(got).filter(({ keys }) => keys.some(hasNothing));
  const known = new Set(keysIn(expected));
  const resolvers = new Set(expected.flatMap((one) => (one.what === 'resolver' ? [one.coordinate] : [])));
  const strangers = keysIn(got).filter((key) => !known.has(key));
  const called = got.flatMap((one) =>
    one.what === 'resolver' && !resolvers.has(one.coordinate) ? [one.coordinate] : [],
  );
  return [
    ...nothing.map(({ name, keys }) => `${name} was sent a key that is none: ${keyText(keys)}`),
    ...repeated(got, most),
    ...[...new Set(strangers)].map((key) => `${key} was asked for without need`),
    ...[...new Set(called)].map((coordinate) => `${coordinate} was called without need`),
  ];
};
