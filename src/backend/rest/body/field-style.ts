/**
 * Notation of nested values in a query or form, where names and values are text.
 *
 * | style | list | object | list of objects |
 * |---|---|---|---|
 * | `repeat` | `a=1&a=2` | | |
 * | `comma` | `a=1,2` | | |
 * | `brackets` | `a[]=1&a[]=2` | `a[b]=1` | `a[0][b]=1` |
 * | `deep` | `a=1&a=2` | `a[b]=1` | |
 * | `dots` | `a=1&a=2` | `a.b=1` | `a[0].b=1` |
 *
 * `deep` is OpenAPI's `deepObject`. A value that a style cannot express fails the call.
 */
export type FieldStyle = 'repeat' | 'comma' | 'brackets' | 'deep' | 'dots';

/** Rules of a style. */
export interface Notation {
  /** Name of a property of an object; null if objects cannot be expressed. */
  readonly member: ((object: string, property: string) => string) | null;
  /** Name of each value of a list of scalars. */
  readonly item: (list: string) => string;
  /** True if the values of a list become one value. */
  readonly isJoined: boolean;
  /** True if the items of a list that contains objects or lists have an index. */
  readonly isIndexed: boolean;
}

const sameName = (list: string): string => list;
const inBrackets = (object: string, property: string): string => `${object}[${property}]`;

export const NOTATIONS: Readonly<Record<FieldStyle, Notation>> = {
  repeat: { member: null, item: sameName, isJoined: false, isIndexed: false },
  comma: { member: null, item: sameName, isJoined: true, isIndexed: false },
  brackets: { member: inBrackets, item: (list) => `${list}[]`, isJoined: false, isIndexed: true },
  deep: { member: inBrackets, item: sameName, isJoined: false, isIndexed: false },
  dots: {
    member: (object, property) => `${object}.${property}`,
    item: sameName,
    isJoined: false,
    isIndexed: true,
  },
};

export const FIELD_STYLES = ['repeat', 'comma', 'brackets', 'deep', 'dots'] as const satisfies readonly FieldStyle[];
