import { canonicalAddress } from '../../config/ip-address.ts';

/** One hop of a forwarding header: the sender of the request that a proxy received. */
export interface Hop {
  /** Address in canonical form; null for `unknown`, an obfuscated identifier and any other text. */
  readonly address: string | null;
  /** Scheme of that request; null if the proxy did not set it. */
  readonly scheme: string | null;
  /** Host of that request; null if the proxy did not set it. */
  readonly host: string | null;
}

/** `192.0.2.7:80`, `[2001:db8::1]:80` and `[2001:db8::1]`; a port may be obfuscated (RFC 7239, 6). */
const NODE = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/;

/** Address of a node, without port, brackets and quotes; null for any other text. */
const addressOfNode = (text: string): string | null => {
  const node = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
  const groups = NODE.exec(node)?.groups;
  return canonicalAddress(groups?.v6 ?? groups?.v4 ?? node);
};

const nonEmpty = (parts: readonly string[]): readonly string[] =>
  parts.map((part) => part.trim()).filter((part) => part !== '');

/**
 * Splits at a separator outside quotes. A backslash in quotes escapes the next character.
 *
 * An unbalanced quote is ignored. Otherwise a client could open one and hide the elements that proxies append.
 */
const split = (text: string, separator: ',' | ';'): readonly string[] => {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return nonEmpty(isQuoted ? text.split(separator) : [...parts, text.slice(start)]);
};

const unquoted = (text: string): string => (/^".*"$/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text);

/** Reads one element of `Forwarded`, such as `for="[2001:db8::1]:80";proto=https`. */
const hopOf = (element: string): Hop => {
  const pairs = new Map<string, string>();
  for (const pair of split(element, ';')) {
    const equals = pair.indexOf('=');
    if (equals > 0) pairs.set(pair.slice(0, equals).trim().toLowerCase(), unquoted(pair.slice(equals + 1).trim()));
  }
  return {
    address: addressOfNode(pairs.get('for') ?? ''),
    scheme: pairs.get('proto')?.toLowerCase() ?? null,
    host: pairs.get('host') ?? null,
  };
};

/** Maximum number of hops that are read. Longer lists are forged by clients. */
const MAX_HOPS = 32;

/** Returns the last hops of a `Forwarded` header (RFC 7239), the gateway's neighbour last. */
export const hopsOfForwarded = (header: string): readonly Hop[] => split(header, ',').slice(-MAX_HOPS).map(hopOf);

const lastOf = (list: string | undefined): string | null => list?.split(',').at(-1)?.trim() ?? null;

/**
 * Returns the last hops of an `X-Forwarded-For` header. Only the very last one has the scheme of `X-Forwarded-Proto` and
 * the host of `X-Forwarded-Host`.
 */
export const hopsOfXForwardedFor = (
  header: string,
  proto: string | undefined,
  host: string | undefined,
): readonly Hop[] => {
  const nodes = nonEmpty(header.split(',')).slice(-MAX_HOPS);
  const last = { scheme: lastOf(proto)?.toLowerCase() ?? null, host: lastOf(host) };
  const other = { scheme: null, host: null };
  return nodes.map((node, at) => ({ address: addressOfNode(node), ...(at === nodes.length - 1 ? last : other) }));
};
