import { LRUCache } from 'lru-cache';

/** Maximum number and length of memoized texts: clients must not be able to fill the memory. */
const MAX_TEXTS = 200;
const MAX_LENGTH = 200;

/**
 * Returns a memoized function of a text, for headers that clients repeat with every request and that are expensive to
 * parse. Errors are not memoized.
 */
export const memoizedByHeader = <Found>(find: (text: string) => Found): ((text: string) => Found) => {
  const known = new LRUCache<string, { readonly found: Found }>({ max: MAX_TEXTS });
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.found;
    const found = find(text);
    if (text.length <= MAX_LENGTH) known.set(text, { found });
    return found;
  };
};
