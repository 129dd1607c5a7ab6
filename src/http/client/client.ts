import type { IncomingHttpHeaders } from 'node:http';
import { canonicalAddress, networkTest } from '../../config/ip-address.ts';
import { type Hop, hopsOfForwarded, hopsOfXForwardedFor } from './forwarded.ts';

/** The client of a request, derived from the connection and the headers of trusted proxies. */
export interface Client {
  /** IP address in canonical form, without a port; empty only for a connection that is already closed. */
  readonly address: string;
  /** True if a trusted proxy forwarded the request and named its sender. */
  readonly isForwarded: boolean;
  /** Scheme of the client's request. */
  readonly scheme: 'http' | 'https';
}

export type ReadClient = (peer: string | undefined, headers: IncomingHttpHeaders) => Client;

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(', ') : value;

/**
 * Reads `X-Forwarded-For` if present, else `Forwarded`. Never both: a proxy sets one of them, and may pass the other
 * one on as the client sent it.
 */
const hopsOf = (headers: IncomingHttpHeaders): readonly Hop[] => {
  const forwardedFor = one(headers['x-forwarded-for']);
  if (forwardedFor !== undefined) return hopsOfXForwardedFor(forwardedFor, one(headers['x-forwarded-proto']));
  return headers.forwarded === undefined ? [] : hopsOfForwarded(headers.forwarded);
};

/**
 * Creates the only reader of forwarding headers. Rate limits, log, balancing, cache keys and backends use its address.
 *
 * It walks the hops from the connection's peer to the left as long as the hop is a trusted proxy. It stops at a hop
 * without an address (`unknown`, an obfuscated identifier, junk): the client is then the last known proxy.
 */
export const clientReader = (proxies: readonly string[]): ReadClient => {
  const isTrusted = proxies.length === 0 ? () => false : networkTest(proxies);
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
