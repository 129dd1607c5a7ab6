import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { canonicalAddress, readCidr } from '../../config/ip-address.ts';
import { type Hop, hopsOfForwarded, hopsOfXForwardedFor } from './forwarded.ts';

/** The client of a request, as far as the connection and trusted proxies show it. */
export interface Client {
  /** An IP address in canonical form, without a port; empty only for a connection that is already closed. */
  readonly address: string;
  /** True where a trusted proxy forwarded the request and named its sender. */
  readonly isForwarded: boolean;
  /** Scheme of the client's request. */
  readonly scheme: 'http' | 'https';
}

export type ReadClient = (peer: string | undefined, headers: IncomingHttpHeaders) => Client;

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(', ') : value;

/**
 * `X-Forwarded-For` where it is present, else `Forwarded`. Never both: a proxy writes one of them, and passes the other one
 * on as the client sent it.
 */
const hopsOf = (headers: IncomingHttpHeaders): readonly Hop[] => {
  const forwardedFor = one(headers['x-forwarded-for']);
  if (forwardedFor !== undefined) return hopsOfXForwardedFor(forwardedFor, one(headers['x-forwarded-proto']));
  return headers.forwarded === undefined ? [] : hopsOfForwarded(headers.forwarded);
};

/** Trust in addresses, from the entries of `TRUSTED_PROXIES`. */
const trustIn = (proxies: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const proxy of proxies) {
    const network = readCidr(proxy);
    if (network === null) throw new Error(`Not an address or CIDR: ${proxy}`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
};

/**
 * The one reader of forwarding headers: rate limits, log, hashing, cache keys and backends use its address.
 *
 * It goes from the connection's peer to the left, hop by hop, as long as the hop is a trusted proxy. A hop that is no
 * address (`unknown`, an obfuscated identifier, junk) ends the way: the client is then the last proxy that is known.
 */
export const clientReader = (proxies: readonly string[]): ReadClient => {
  const isTrusted = proxies.length === 0 ? () => false : trustIn(proxies);
  return (peer = '', headers) => {
    let address = canonicalAddress(peer) ?? '';
    if (address === '' || !isTrusted(address)) return { address, isForwarded: false, scheme: 'http' };
    const hops = hopsOf(headers);
    for (let at = hops.length - 1; at >= 0 && isTrusted(address); at -= 1) {
      const hop = hops[at]?.address ?? null;
      if (hop === null) break;
      address = hop;
    }
    return {
      address,
      isForwarded: hops.length > 0,
      scheme: hops.at(-1)?.scheme === 'https' ? 'https' : 'http',
    };
  };
};
