/** Most characters of the URL, percent-encoded. It is in a cookie, of which browsers accept 4,096 bytes. */
const MAX_LENGTH = 2_048;
// Browsers drop tabs and line ends in URLs, and read a backslash as a slash.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u0020\u007f\\]/;

/**
 * Returns the URL of `return_to`, a path of the gateway's own origin with its query and fragment; null for any other
 * value (RFC 9700, 4.11: no open redirect), and for the paths that sign in and out.
 */
export const returnUrl = (value: string, origin: string): string | null => {
  if (value.length > MAX_LENGTH || UNSAFE.test(value) || !/^\/(?!\/)/.test(value)) return null;
  if (!URL.canParse(value, origin)) return null;
  const url = new URL(value, origin);
  // Absolute, so that a path such as /.//evil.example cannot become the name of a host.
  if (url.href.length > MAX_LENGTH) return null;
  return url.origin === origin && !/^\/auth(\/|$)/i.test(url.pathname) ? url.href : null;
};
