import type { Caller } from '../authenticator.ts';

/** RFC 3986, 2.3: characters that are equal with and without percent-encoding. */
const UNRESERVED = /[A-Za-z\d\-._~]/;

const normalEscape = (coded: string): string => {
  const character = String.fromCharCode(Number.parseInt(coded.slice(1), 16));
  return UNRESERVED.test(character) ? character : coded.toUpperCase();
};

/**
 * Returns a URL without query and fragment, normalised as RFC 3986 (6.2.2 and 6.2.3) describes; null for a text that is no
 * URL of HTTP.
 */
export const normalUrl = (text: string): string | null => {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, username, password } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '') return null;
  return origin + pathname.replaceAll(/%[\da-f]{2}/gi, normalEscape);
};

/** RFC 9112, 3.2.2: a request may have an absolute URL. */
const pathOf = (target: string): string =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');

/**
 * Returns the URLs that a client may have sent its request to: with the host of the request, if it is one of the gateway's
 * own, and with the origin of the protected resource. Empty if none of them is known: the Host header alone is the
 * client's word, and a proof for another server could be replayed with it.
 */
export const requestUrls = ({ scheme, host, target }: Caller, resource: string | null): readonly string[] => {
  const origins = [
    ...(host === null ? [] : [`${scheme}://${host}`]),
    ...(resource === null ? [] : [new URL(resource).origin]),
  ];
  return origins.flatMap((origin) => normalUrl(origin + pathOf(target)) ?? []);
};
