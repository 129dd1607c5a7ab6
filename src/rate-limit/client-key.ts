import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

/** Who asks, as far as counting goes. */
export type Asker =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly issuer: string; readonly subject: string };

const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::\d+)?$/;

/** The eight groups of an IPv6 address, as numbers. */
const groupsOf = (address: string): readonly number[] => {
  // Four decimal bytes at the end stand for two groups.
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [parse(head), parse(tail ?? '')];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
};

const isMapped = (groups: readonly number[]): boolean =>
  groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;

/**
 * The network that an address speaks for: an IPv4 address for itself, in whatever form it is written; of an IPv6 address the
 * first 64 bits, of which one subscriber has all the rest. What is no address is one network with everything else that is none.
 */
export const networkOf = (address: string): string => {
  if (isIPv4(address)) return address;
  const groups = WITH_PORT.exec(address)?.groups;
  const [bare = ''] = (groups?.v6 ?? groups?.v4 ?? address).split('%');
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const parts = groupsOf(bare);
  if (!isMapped(parts))
    return `${parts
      .slice(0, 4)
      .map((part) => part.toString(16))
      .join(':')}::/64`;
  const [high = 0, low = 0] = parts.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

/**
 * Whose counter it is: the user's, whatever rights the token at hand has, or else that of the client's network. Were scopes
 * part of it, somebody who may have tokens with fewer of them would have as many quotas as there are selections of scopes.
 */
export const clientKey = (asker: Asker, address: string): string => {
  if (asker.kind === 'anonymous') return `address:${networkOf(address)}`;
  const { issuer, subject } = asker;
  return `user:${createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url')}`;
};
