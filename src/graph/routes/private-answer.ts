import { varyByCredentials } from '../../request/headers.ts';
import { directivesIn } from './cache-control.ts';

/** Directives that remain next to `private`. Those that let shared caches store an answer do not, nor do unknown ones. */
const KEPT: ReadonlySet<string> = new Set([
  ...['immutable', 'max-age', 'must-revalidate', 'must-understand', 'no-cache', 'no-store', 'no-transform'],
  ...['stale-if-error', 'stale-while-revalidate'],
]);

/** Fields for caches of a CDN or a proxy, which precede Cache-Control there: RFC 9213 and those of vendors. */
const FOR_SHARED_CACHES = /^(?:.+-cache-control|edge-control|surrogate-control|x-accel-expires)$/;

const NUMBER = /^\d+$/;

/** Cache-Control for one caller: `private`, with the lifetimes for the caller's own cache. Lists of fields are dropped. */
const privateCacheControl = (headers: Readonly<Record<string, string>>): string => {
  const kept = [...directivesIn(headers)].filter(([name]) => KEPT.has(name));
  return ['private', ...kept.map(([name, value]) => (NUMBER.test(value) ? `${name}=${value}` : name))].join(', ');
};

/**
 * Changes the headers of an answer so that no shared cache stores it. Shared caches cannot see that a cookie or an
 * `X-API-Key` identifies a caller: RFC 9111, 3.5 protects answers to requests with `Authorization` only. `Vary` is for the
 * cache of a browser in which one user follows another.
 */
export const makePrivate = (headers: Record<string, string>): void => {
  headers['cache-control'] = privateCacheControl(headers);
  headers.vary = varyByCredentials(headers.vary);
  for (const name in headers) if (FOR_SHARED_CACHES.test(name)) delete headers[name];
};
