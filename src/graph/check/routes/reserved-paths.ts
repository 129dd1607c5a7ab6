/** First segments of the gateway's own paths, in lower case. `/` has an empty one. */
const RESERVED: ReadonlySet<string> = new Set([
  '',
  '.well-known',
  'auth',
  'graphiql',
  'graphql',
  'livez',
  'openapi.json',
  'readyz',
]);

/** Challenges of ACME (RFC 8555, 8.3) are for the client that requested a certificate, which is not the gateway. */
const ACME = '/.well-known/acme-challenge/';

/** True for a path that belongs to the gateway. */
export const isReservedPath = (path: string): boolean =>
  !path.startsWith(ACME) && RESERVED.has(path.split('/')[1]?.toLowerCase() ?? '');
