import { SecretText } from '../secrets/secret.ts';
import { isDecodable, printableText } from '../text.ts';

/** A proxy for outgoing calls, as configured. */
export interface ProxyEntry {
  /** Name for operators: `name`, or host and port. Never has a credential. */
  readonly name: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Value of `Proxy-Authorization`; null for none. */
  readonly authorization: SecretText | null;
  readonly labels: Readonly<Record<string, string>>;
}

const NAME = /^[\w.:-]{1,64}$/;
const MAX_LABELS = 16;
const MAX_PROXIES = 1_000;
const FORM =
  'must be http:// or https:// with host and port, as in http://user:password@10.0.0.5:3128;labels=country:de';

const labelsOf = (text: string): Readonly<Record<string, string>> => {
  const pairs = text.split('+').map((pair) => pair.split(':'));
  const labels = Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
  const isValid = pairs.every((pair) => pair.length === 2 && pair.every((part) => /^[\w.-]{1,64}$/.test(part)));
  if (!isValid || Object.keys(labels).length !== pairs.length || pairs.length > MAX_LABELS)
    throw new Error(`labels must be at most ${MAX_LABELS} pairs such as country:de+kind:datacenter, each name once`);
  return labels;
};

/** `Proxy-Authorization` of a URL (RFC 7617). */
const authorizationOf = ({ username, password }: URL): SecretText | null => {
  if (username === '' && password === '') return null;
  if (!isDecodable(username) || !isDecodable(password))
    throw new Error('write special characters of a password as %XX');
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new SecretText(`Basic ${Buffer.from(pair).toString('base64')}`);
};

const HOST_AND_PORT = /^[\w.-]{1,253}:\d{1,5}$/;

/** Parses the URL of a proxy, or its host and port. @throws Error without a part of the URL */
export const parseProxyUrl = (text: string): Pick<ProxyEntry, 'name' | 'origin' | 'authorization'> => {
  const url = URL.parse(HOST_AND_PORT.test(text) ? `http://${text}` : text);
  const isProxy = url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '' && !/\s/.test(text);
  if (!isProxy || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') throw new Error(FORM);
  return { name: url.host, origin: url.origin, authorization: authorizationOf(url) };
};

const parseOne = (text: string): ProxyEntry => {
  const [address = '', ...options] = text.split(';').map((part) => part.trim());
  const { name, ...proxy } = parseProxyUrl(address);
  const given: { name?: string; labels?: ProxyEntry['labels'] } = {};
  for (const option of options) {
    const [key = '', ...rest] = option.split('=');
    const value = rest.join('=');
    if (key !== 'labels' && key !== 'name')
      throw new Error('an option is neither labels nor name; write ; in a password as %3B');
    if (given[key] !== undefined) throw new Error(`${key} is set twice: remove one`);
    if (key === 'labels') given.labels = labelsOf(value);
    else if (NAME.test(value)) given.name = value;
    else throw new Error('name must have 1 to 64 letters, digits and . : _ -');
  }
  return { ...proxy, name: given.name ?? name, labels: given.labels ?? {} };
};

/** Numbers the names that several proxies have: `10.0.0.5:3128`, `10.0.0.5:3128#2`. */
const numbered = (proxies: readonly ProxyEntry[]): readonly ProxyEntry[] => {
  const counts = new Map<string, number>();
  return proxies.map((proxy) => {
    const count = (counts.get(proxy.name) ?? 0) + 1;
    counts.set(proxy.name, count);
    return count === 1 ? proxy : { ...proxy, name: `${proxy.name}#${count}` };
  });
};

/**
 * Parses a list of proxies, separated by commas or line ends. A line that begins with `#` is a comment.
 *
 * @throws Error with the number of the proxy and its fault, and no part of the text, which has passwords
 */
export const parseProxyList = (text: string): readonly ProxyEntry[] => {
  const parts = text
    .split(/\r?\n/)
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new Error('needs at least one proxy');
  if (parts.length > MAX_PROXIES) throw new Error(`has more than ${MAX_PROXIES} proxies`);
  return numbered(
    parts.map((part, at) => {
      try {
        return parseOne(part);
      } catch (error) {
        throw new Error(`proxy ${at + 1}: ${error instanceof Error ? printableText(error.message) : 'invalid'}`);
      }
    }),
  );
};
