const nestedIn = (value: object): readonly object[] => Object.values(value).filter(isNested);

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * True if a JSON value has at most this many levels of objects and lists, itself included. Works level by level,
 * without recursion, and stops at the first level too many.
 */
export const isNestedAtMost = (levels: number, value: unknown): boolean => {
  let level: readonly object[] = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return false;
    level = level.flatMap(nestedIn);
  }
  return true;
};
