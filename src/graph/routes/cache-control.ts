type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Directives of a Cache-Control header; a directive without a value has an empty one. */
type Directives = ReadonlyMap<string, string>;

const textOf = (value: Headers[string]): string => (typeof value === 'string' ? value : '');

/** Reads the directives of a Cache-Control header (RFC 9111, 5.2). The first of a repeated directive counts. */
export const directivesIn = (headers: Headers): Directives => {
  const found = new Map<string, string>();
  for (const part of textOf(headers['cache-control']).split(',')) {
    const [name = '', value = ''] = part.trim().split('=', 2);
    if (name !== '' && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), value.replaceAll('"', ''));
  }
  return found;
};

/** Statuses that are stored with an explicit freshness. */
const STORED: ReadonlySet<number> = new Set([200, 203, 301, 308, 404, 410]);

const secondsIn = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;

const expiryIn = (headers: Headers, now: number): number | null => {
  const expires = Date.parse(textOf(headers.expires));
  if (headers.expires === undefined) return null;
  const date = Date.parse(textOf(headers.date));
  // An invalid date has expired (RFC 9111, 5.3).
  return Number.isNaN(expires) ? 0 : (expires - (Number.isNaN(date) ? now : date)) / 1_000;
};

/**
 * Returns the seconds for which an answer is fresh (RFC 9111, 3 and 4.2.1); null for one that must not be stored. There is
 * no freshness by guess. `isShared`: several callers receive the stored answer.
 */
export const freshSeconds = (status: number, headers: Headers, isShared: boolean, now: number): number | null => {
  const directives = directivesIn(headers);
  const isForbidden =
    !STORED.has(status) ||
    directives.has('no-store') ||
    directives.has('no-cache') ||
    (isShared && directives.has('private')) ||
    textOf(headers.vary).includes('*') ||
    headers['set-cookie'] !== undefined;
  if (isForbidden) return null;
  const lifetime =
    secondsIn(directives.get('s-maxage')) ?? secondsIn(directives.get('max-age')) ?? expiryIn(headers, now);
  if (lifetime === null) return null;
  const left = lifetime - (secondsIn(textOf(headers.age)) ?? 0);
  return left >= 1 ? Math.floor(left) : null;
};

/** Use of stored answers for a request: none at all, no reading, or both. */
export type CacheUse = 'none' | 'write' | 'both';

/** Reads what a request allows. One of a range, or with `no-store`, is neither answered from the store nor stored. */
export const cacheUseOf = (method: string, headers: Headers): CacheUse => {
  const directives = directivesIn(headers);
  if (method !== 'GET' || headers.range !== undefined || directives.has('no-store')) return 'none';
  const isFresh = directives.has('no-cache') || directives.get('max-age') === '0' || headers.pragma === 'no-cache';
  return isFresh ? 'write' : 'both';
};

const tagsIn = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** True if the client has the stored answer already (RFC 9110, 13.1.2 and 13.1.3). */
export const isKnownToClient = (request: Headers, stored: Headers): boolean => {
  const etag = textOf(stored.etag).replace(/^W\//, '');
  const known = request['if-none-match'];
  if (typeof known === 'string') return known.trim() === '*' || (etag !== '' && tagsIn(known).includes(etag));
  const since = Date.parse(textOf(request['if-modified-since']));
  const modified = Date.parse(textOf(stored['last-modified']));
  return modified <= since;
};
