/** RFC 9110, 5.6.2: syntax of a header name. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Header with an API key. */
export const API_KEY_HEADER = 'x-api-key';

/** Headers that may identify a caller. */
export const CREDENTIAL_HEADERS = ['Cookie', 'Authorization', 'X-API-Key'];

/** Adds names of headers to a value of `Vary` (RFC 9110, 12.5.5). `*` includes them. */
export const varyBy = (vary: string | undefined, names: readonly string[]): string => {
  const listed = (vary ?? '').split(',').flatMap((name) => name.trim() || []);
  if (listed.includes('*')) return '*';
  const known = new Set(listed.map((name) => name.toLowerCase()));
  return [...listed, ...names.filter((name) => !known.has(name.toLowerCase()))].join(', ');
};

/** Adds the headers with credentials to a value of `Vary`. */
export const varyByCredentials = (vary: string | undefined): string => varyBy(vary, CREDENTIAL_HEADERS);

/** Hop-by-hop headers (RFC 9110, 7.6.1) and headers of the message itself. Never forwarded. */
export const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
