/** A path without percent-encoding, path parameters, empty segments and segments that begin with a dot. */
const PLAIN = /^(?:\/[\w\-~!$&'()*+,=:@][\w\-.~!$&'()*+,=:@]*)+\/?$/;
/** Characters of a path (RFC 3986, 3.3). */
const PATH = /^\/(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/;
/** Encoded slash, backslash and control characters. */
const FORBIDDEN = /%(?:2f|5c|[01][\da-f]|7f)/i;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;

const decoded = (segment: string): string | null => {
  try {
    // Full-width dots and slashes are dots and slashes to servers that normalize.
    return decodeURIComponent(segment).normalize('NFKC');
  } catch {
    return null;
  }
};

/** True for a segment that servers might read as a step up, as another separator, or as nothing. */
const isUnsafe = (segment: string): boolean => {
  const text = decoded(segment);
  // Text that is still encoded has been encoded twice.
  if (text === null || /[/\\]|%[\da-f]{2}/i.test(text)) return true;
  // Servers that know path parameters drop them before they resolve dots: `..;/`.
  const [name = ''] = text.split(';', 1);
  return name === '' || name === '.' || name === '..';
};

/**
 * Returns the reason for which a path is refused; null for a path that every server reads in the same way. Servers
 * differ in encoded slashes, dots, backslashes, null bytes, double encoding and empty segments.
 */
export const pathFault = (path: string): string | null => {
  if (PLAIN.test(path)) return null;
  if (!PATH.test(path)) return 'it has characters that must be percent-encoded';
  if (FORBIDDEN.test(path)) return 'it has an encoded slash, backslash or control character';
  const segments = path.slice(1).split('/');
  // The last one is empty after a slash at the end.
  if (segments.at(-1) === '') segments.pop();
  return segments.some(isUnsafe)
    ? 'it has a segment that is empty, a dot segment, encoded twice, or not valid text'
    : null;
};

/** Returns the reason for which a query is refused; null for a valid one. */
export const queryFault = (query: string): string | null =>
  QUERY.test(query) ? null : 'its query has characters that must be percent-encoded';
