import { editDistance } from './edit-distance.ts';

/** A variable that is set and that nobody reads, although somebody seems to have meant it to be read. */
export interface Stranger {
  readonly variable: string;
  /** The variable that was probably meant; null where there is none like it. */
  readonly meant: string | null;
}

/** PORT and HOST are two letters away from much that every environment has, HOME for one: they need letters swapped. */
const LONG = 8;

const MOST_EDITS = 2;

const isSwapped = (one: string, other: string): boolean =>
  one.length === other.length && [...one].sort().join('') === [...other].sort().join('');

const editsBetween = (variable: string, known: string): number => {
  if (known.length < LONG && !isSwapped(variable, known)) return MOST_EDITS + 1;
  return editDistance(variable, known, known.length < LONG ? 1 : MOST_EDITS);
};

const nearest = (variable: string, known: readonly string[]): string | null => {
  const near = known
    .map((name) => ({ name, edits: editsBetween(variable, name) }))
    .filter(({ edits }) => edits <= MOST_EDITS)
    .sort((one, other) => one.edits - other.edits);
  return near[0]?.name ?? null;
};

/**
 * Of the variables that are set, those that look like one of ours and are none: their name is one or two letters away from
 * one that is known, or says that it is where an upstream runs, and no module has that upstream. In the order of `set`.
 */
export const strangersAmong = (set: readonly string[], known: readonly string[]): readonly Stranger[] => {
  const names = new Set(known);
  return set
    .filter((variable) => !names.has(variable))
    .map((variable) => ({ variable, meant: nearest(variable, known) }))
    .filter(({ variable, meant }) => meant !== null || variable.endsWith('_ENDPOINTS'));
};

/** One line, for whoever has set it. */
export const strangerWarning = ({ variable, meant }: Stranger): string =>
  meant === null
    ? `${variable} is not a variable of this gateway: no schema module has such an upstream.`
    : `${variable} is not a variable of this gateway; did you mean ${meant}?`;
