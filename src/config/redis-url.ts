import { isDecodable } from './text.ts';

const FORM = 'must be an address such as redis://[user:password@]127.0.0.1:6379[/database] (rediss:// for TLS)';

/** Returns the fault of a `REDIS_URL`, or null. It contains no part of the URL, which may hold a password. */
export const redisUrlFault = (text: string): string | null => {
  if (!/^rediss?:\/\//.test(text) || /\s/.test(text)) return FORM;
  if (!URL.canParse(text)) return `${FORM}; write special characters of a password as %XX`;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  if (hostname === '') return FORM;
  if (!isDecodable(username) || !isDecodable(password)) return 'has a % that is not followed by two hex digits';
  if (search !== '' || hash !== '') return 'must not have a query or a fragment';
  return /^(\/\d{0,5})?$/.test(pathname) ? null : 'must end with the port, or with / and the number of a database';
};
