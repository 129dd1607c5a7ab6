import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { canonicalAddress } from '../config/ip-address.ts';

/** Who asks, as far as counting goes. */
export type Asker =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly issuer: string; readonly subject: string };

/** The first four groups of an IPv6 address, which are the network of one subscriber. */
const subscriberOf = (address: string): string => {
  const [head = '', tail] = address.split('::');
  // Four decimal bytes at the end stand for two groups.
  const groupsIn = (text: string) => (text === '' ? [] : text.replace(/[\d.]+\.\d+$/, '0:0').split(':'));
  const [before, after] = [groupsIn(head), groupsIn(tail ?? '')];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...(tail === undefined ? [] : zeros), ...after].slice(0, 4).join(':')}::/64`;
};

/**
 * The network that an address speaks for: an IPv4 address for itself; of an IPv6 address the first 64 bits, of which one
 * subscriber has all the rest. All texts that are no address are one network.
 */
export const networkOf = (address: string): string => {
  const canonical = canonicalAddress(address);
  if (canonical === null) return 'unknown';
  return isIPv4(canonical) ? canonical : subscriberOf(canonical);
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
