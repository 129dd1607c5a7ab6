import { editDistance } from '../core/suggest.ts';

/** An unknown environment variable that resembles a known one. */
export interface UnknownVariable {
  readonly variable: string;
  /** The known variable with the most similar name; null without a similar one. */
  readonly suggestion: string | null;
}

/**
 * Names from this length on may differ by two edits. PORT and HOST are that close to many common variables, such as
 * HOME: for shorter names only swapped letters count.
 */
const MIN_LONG_NAME = 8;

const MAX_EDITS = 2;

/** A usual variable that resembles one of the gateway. */
const USUAL = 'FTP_PROXY';

const isSwapped = (one: string, other: string): boolean =>
  one.length === other.length && [...one].sort().join('') === [...other].sort().join('');

const editsBetween = (variable: string, known: string): number => {
  if (known.length < MIN_LONG_NAME && !isSwapped(variable, known)) return MAX_EDITS + 1;
  return editDistance(variable, known, known.length < MIN_LONG_NAME ? 1 : MAX_EDITS);
};

const nearest = (variable: string, known: readonly string[]): string | null => {
  const near = known
    .map((name) => ({ name, edits: editsBetween(variable, name) }))
    .filter(({ edits }) => edits <= MAX_EDITS)
    .sort((one, other) => one.edits - other.edits);
  return near[0]?.name ?? null;
};

/**
 * Returns the unknown variables that resemble known ones: names within two edits of a known one, and `*_ENDPOINTS`
 * without such an upstream in a module. In the order of `set`.
 */
export const unknownVariables = (set: readonly string[], known: readonly string[]): readonly UnknownVariable[] => {
  const names = new Set(known);
  return set
    .filter((variable) => !names.has(variable) && variable !== USUAL)
    .map((variable) => ({ variable, suggestion: nearest(variable, known) }))
    .filter(({ variable, suggestion }) => suggestion !== null || variable.endsWith('_ENDPOINTS'));
};

/** Returns the warning for operators, in one line. */
export const unknownVariableWarning = ({ variable, suggestion }: UnknownVariable): string =>
  suggestion === null
    ? `${variable} is not a variable of this gateway: no schema module has such an upstream.`
    : `${variable} is not a variable of this gateway; did you mean ${suggestion}?`;
