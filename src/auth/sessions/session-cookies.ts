import { trimmedCookieText } from '../../request/trimmed-cookie-text.ts';

/**
 * The cookies of the gateway. Browsers accept a name with `__Host-` only with Secure, with Path=/ and without Domain, so
 * that no other host of the site can set one (RFC 6265bis, 4.1.3.2).
 */
export const SESSION_COOKIE = '__Host-tributary-session';
/** Start of the name of a sign-in's cookie. Each sign-in has one of its own, so that several tabs can sign in. */
export const LOGIN_COOKIE = '__Host-tributary-login-';

const OWN = '__Host-tributary-';

const isOwn = (name: string): boolean => name.startsWith(OWN);

/** Most characters of the sign-in cookies of a browser, so that its requests stay within the limit of headers. */
const MAX_LOGIN_LENGTH = 8_192;

const LOGIN_NAME = new RegExp(`^${LOGIN_COOKIE}[\\w-]{16}$`);

/** Seconds from the start of a sign-in to its end. */
export const LOGIN_S = 600;

const FLAGS = 'Path=/; Secure; HttpOnly';

/** Strict: pages of other sites cannot make a browser send it, not even by a link. It ends with the browser. */
export const sessionCookie = (id: string): string => `${SESSION_COOKIE}=${id}; ${FLAGS}; SameSite=Strict`;

/** Lax: the provider, another site, leads the browser to /auth/callback, where the cookie is required. */
export const loginCookie = (name: string, value: string): string =>
  `${name}=${value}; ${FLAGS}; SameSite=Lax; Max-Age=${LOGIN_S}`;

export const endOfSessionCookie = `${SESSION_COOKIE}=; ${FLAGS}; SameSite=Strict; Max-Age=0`;
export const endOfLoginCookie = (name: string): string => `${name}=; ${FLAGS}; SameSite=Lax; Max-Age=0`;

const nameOf = (pair: string): string => {
  const at = pair.indexOf('=');
  return trimmedCookieText(at === -1 ? pair : pair.slice(0, at));
};

/** Returns the values of all cookies of a name in a `Cookie` header. */
export const cookiesIn = (header: string | undefined, name: string): readonly string[] => {
  // Most requests have no cookie of the gateway.
  if (header === undefined || !header.includes(name)) return [];
  const pairs = header.split(';').filter((pair) => nameOf(pair) === name);
  return pairs.map((pair) => trimmedCookieText(pair.slice(pair.indexOf('=') + 1)));
};

/** Returns the value of a cookie in a `Cookie` header; null for none. Several of one name are `invalid`. */
export const cookieIn = (header: string | undefined, name: string): string | null => {
  const [first, second] = cookiesIn(header, name);
  return second === undefined ? (first ?? null) : 'invalid';
};

/**
 * Returns the names of the sign-in cookies for which another one of `length` characters leaves no room: the oldest ones.
 * Browsers send the oldest first (RFC 6265, 5.4).
 */
export const excessLoginCookies = (header: string | undefined, length: number): readonly string[] => {
  const pairs = header?.includes(LOGIN_COOKIE) ? header.split(';') : [];
  const kept = pairs.filter((pair) => LOGIN_NAME.test(nameOf(pair))).toReversed();
  let sum = length;
  return kept
    .filter((pair) => {
      sum += pair.length;
      return sum > MAX_LOGIN_LENGTH;
    })
    .map(nameOf);
};

/** Returns a `Cookie` header without the cookies of the gateway; null if no other is left. */
export const withoutOwnCookies = (header: string): string | null => {
  if (!header.includes(OWN)) return header;
  const others = header.split(';').filter((pair) => !isOwn(nameOf(pair)));
  return others.length === 0 ? null : others.join(';').trim();
};

/**
 * True for a `Set-Cookie` of a backend that would set a cookie of the gateway. Browsers send a cookie without a name as its
 * value alone (RFC 6265bis, 5.8.3): `=name=value` becomes `name=value`.
 */
export const setsOwnCookie = (header: string): boolean =>
  isOwn(nameOf((header.split(';', 1)[0] ?? '').replace(/^[\s=]+/, '')));
