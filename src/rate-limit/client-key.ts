import { hash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { canonicalAddress } from '../config/ip-address.ts';

/** Identity of the caller for counting. */
export type ClientIdentity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user' | 'certificate' | 'api-key'; readonly issuer: string; readonly subject: string };

/** Returns the first four groups of an IPv6 address: the network of one subscriber. */
const subscriberOf = (address: string): string => {
  const [head = '', tail] = address.split('::');
  // An IPv4 suffix stands for two groups.
  const groupsIn = (text: string) => (text === '' ? [] : text.replace(/[\d.]+\.\d+$/, '0:0').split(':'));
  const [before, after] = [groupsIn(head), groupsIn(tail ?? '')];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...(tail === undefined ? [] : zeros), ...after].slice(0, 4).join(':')}::/64`;
};

/**
 * Returns the network of an address: an IPv4 address itself, or the first 64 bits of an IPv6 address, since a
 * subscriber has all addresses below them. Invalid addresses share one network.
 */
export const networkOf = (address: string): string => {
  const canonical = canonicalAddress(address);
  if (canonical === null) return 'unknown';
  return isIPv4(canonical) ? canonical : subscriberOf(canonical);
};

/**
 * Returns the key of a client's counter: the user, certificate or API key, or the network of an anonymous client. Scopes
 * are not part of it: a client could otherwise multiply its quota with tokens of different scopes.
 */
export const clientKey = (client: ClientIdentity, address: string): string => {
  if (client.kind === 'anonymous') return `address:${networkOf(address)}`;
  const { kind, issuer, subject } = client;
  return `${kind}:${hash('sha256', JSON.stringify([issuer, subject]), 'base64url')}`;
};
