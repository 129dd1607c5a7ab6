/** A place in an answer: `orders.0.customer`, and `data` for the whole of it. */
type Place = string;

const at = (place: Place, step: string | number): Place => (place === 'data' ? String(step) : `${place}.${step}`);

const isNone = (value: unknown): boolean => value === null || value === undefined;

/** Places where an answer is null or incomplete, compared with a complete one. */
export const placesLost = (whole: unknown, answer: unknown, place: Place = 'data'): readonly Place[] => {
  if (isNone(whole)) return [];
  if (isNone(answer)) return [place];
  if (typeof whole !== 'object') return [];
  return Object.entries(Object(whole)).flatMap(([step, below]) =>
    placesLost(below, Reflect.get(Object(answer), step), at(place, step)),
  );
};

const STEP = /\w+|\[\]|\(.*?\)/g;

/** All places of a complete answer that a path matches, such as `orders[].customer` or `nodes[](Book, Film).price`. */
export const placesAt = (path: string, whole: unknown): readonly Place[] => {
  let found: readonly { readonly place: Place; readonly value: unknown }[] = [{ place: 'data', value: whole }];
  for (const [step] of path === 'data' ? [] : path.matchAll(STEP))
    found = found.flatMap(({ place, value }) => {
      if (isNone(value)) return [];
      if (step === '[]')
        return Object.entries(Object(value)).map(([index, item]) => ({ place: at(place, index), value: item }));
      if (!step.startsWith('(')) return [{ place: at(place, step), value: Reflect.get(Object(value), step) }];
      const types = step.slice(1, -1).split(', ');
      return types.includes(Reflect.get(Object(value), '__typename')) ? [{ place, value }] : [];
    });
  return found.filter(({ value }) => !isNone(value)).map(({ place }) => place);
};
