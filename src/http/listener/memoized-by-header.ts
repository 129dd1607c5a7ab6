import { LRUCache } from 'lru-cache';

/** Maximum number and length of memoized headers: clients must not be able to fill the memory. */
const MAX_HEADERS = 200;
const MAX_LENGTH = 200;

/** Memoizes a function of a header that clients repeat with every request. Errors are not memoized. */
export const memoizedByHeader = <Found>(find: (header: string) => Found): ((header: string) => Found) => {
  const known = new LRUCache<string, { readonly found: Found }>({
    max: MAX_HEADERS,
    memoMethod: (header) => ({ found: find(header) }),
  });
  return (header) => (header.length > MAX_LENGTH ? find(header) : known.memo(header).found);
};
