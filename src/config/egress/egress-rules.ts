import { isIP } from 'node:net';
import { networkTest, readCidr } from '../ip-address.ts';
import { formsOf, isReservedAddress, isReservedName, isReservedNetwork } from './reserved-addresses.ts';

/**
 * Reason for which an address must not be called. `metadata`: a link-local address or one of a metadata service that
 * the list does not name itself. `not-listed`: the list has neither the name nor the address.
 */
export type EgressRefusal = 'metadata' | 'not-listed';

/** The hosts and addresses that the gateway may call. */
export interface EgressRules {
  /** Refusal of a connection to this address, which the host resolves to, or is; null for none. */
  refusalOf(host: string, address: string): EgressRefusal | null;
  /** Refusal of a host that something else resolves, such as a proxy; null for none. */
  refusalOfName(host: string): EgressRefusal | null;
}

const HOST = /^(?:\*|(?:\*\.)?(?:[a-z\d_](?:[a-z\d_-]{0,62})\.)*[a-z\d_](?:[a-z\d_-]{0,62}))$/i;

/** Returns the fault of one entry of `EGRESS_ALLOW`; null for a valid one. */
export const egressEntryFault = (entry: string): string | null => {
  if (readCidr(entry) !== null) return null;
  // A name of digits would be an address in another notation.
  return HOST.test(entry) && !/(?:^|\.)(?:0x[\da-f]*|\d+)$/i.test(entry)
    ? null
    : 'must be hosts such as api.example.com or *.example.com, addresses or CIDRs such as 10.0.0.0/8, separated by commas';
};

const normalName = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/**
 * The address that a host is, whatever its notation: `169.254.169.254`, `0xa9fea9fe`, `2852039166`, `[::1]`. Resolvers
 * and proxies read these as addresses. Null for a name.
 */
export const literalAddress = (host: string): string | null => {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return bare;
  const url = URL.parse(`http://${bare.includes(':') ? `[${bare}]` : bare}/`);
  const read = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return isIP(read) === 0 ? null : read;
};

const nameTest = (patterns: readonly string[]): ((name: string) => boolean) => {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')).map(normalName));
  const suffixes = patterns
    .filter((pattern) => pattern.startsWith('*.'))
    .map((pattern) => normalName(pattern.slice(1)));
  const isAny = patterns.includes('*');
  return (name) => isAny || exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
};

/**
 * The rules of `EGRESS_ALLOW`. An empty list allows every address that is not reserved. Otherwise the name must match a
 * host of the list, or the address a CIDR. Reserved addresses are allowed only by an entry that contains nothing else,
 * such as `169.254.170.2`.
 */
export const egressRules = (entries: readonly string[]): EgressRules => {
  const networks = entries.filter((entry) => readCidr(entry) !== null);
  const isNamed = nameTest(entries.filter((entry) => !networks.includes(entry)));
  const isListed = networkTest(networks);
  const isReservedListed = networkTest(networks.filter(isReservedNetwork));
  const isOpen = entries.length === 0;

  const refusalOf = (host: string, address: string): EgressRefusal | null => {
    const forms = formsOf(address);
    if (forms.length === 0) return 'not-listed';
    if (isReservedAddress(address)) return forms.some(isReservedListed) ? null : 'metadata';
    return isOpen || isNamed(normalName(host)) || forms.some(isListed) ? null : 'not-listed';
  };
  return {
    refusalOf,
    refusalOfName: (host) => {
      const address = literalAddress(host);
      if (address !== null) return refusalOf(address, address);
      if (isReservedName(host)) return 'metadata';
      return isOpen || isNamed(normalName(host)) ? null : 'not-listed';
    },
  };
};
