import type { IncomingHttpHeaders } from 'node:http';
import { canonicalAddress, networkTest } from '../../config/ip-address.ts';
import type { ClientCertificate } from '../../request/client-certificate.ts';
import type { ClientConnection } from '../../request/request-context.ts';
import { type Hop, hopsOfForwarded, hopsOfXForwardedFor } from './forwarded.ts';
import type { HostTest } from './public-hosts.ts';

/** The client of a request, derived from the connection and the headers of trusted proxies. */
export interface Client extends ClientConnection {
  /** IP address in canonical form, without a port; empty only for a connection that is already closed. */
  readonly address: string;
  /** True if a trusted proxy forwarded the request and named its sender. */
  readonly isForwarded: boolean;
  /** Scheme of the client's request. */
  readonly scheme: 'http' | 'https';
}

/** The connection of a request, as its listener knows it. */
export interface PeerConnection {
  /** Address of the peer; undefined for a connection that is already closed. */
  readonly address: string | undefined;
  readonly scheme: 'http' | 'https';
  /** Verified certificate of the TLS peer; null for none. */
  readonly certificate: ClientCertificate | null;
}

/** The parts of a request that its client is read from. */
export interface ClientRequest {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type ReadClient = (request: ClientRequest, peer: PeerConnection) => Client;

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(', ') : value;

/**
 * Reads `X-Forwarded-For` if present, else `Forwarded`. Never both: a proxy sets one of them, and may pass the other
 * one on as the client sent it.
 */
const hopsOf = (headers: IncomingHttpHeaders): readonly Hop[] => {
  const forwardedFor = one(headers['x-forwarded-for']);
  if (forwardedFor !== undefined)
    return hopsOfXForwardedFor(forwardedFor, one(headers['x-forwarded-proto']), one(headers['x-forwarded-host']));
  return headers.forwarded === undefined ? [] : hopsOfForwarded(headers.forwarded);
};

/** RFC 9112, 3.2.2: an absolute URL replaces the Host header. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

const requestedHost = ({ url = '', headers }: ClientRequest): string =>
  (url.startsWith('/') ? undefined : ABSOLUTE.exec(url)?.[1]) ?? headers.host ?? '';

export interface ClientOptions {
  /** Addresses or CIDRs of the proxies with trusted forwarding headers. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Hosts of this gateway. Default null: hosts are not read. */
  readonly hosts?: HostTest | null;
}

/**
 * Creates the only reader of forwarding headers. Rate limits, log, balancing, cache keys and backends use its result.
 *
 * It walks the hops from the connection's peer to the left as long as the hop is a trusted proxy. It stops at a hop
 * without an address (`unknown`, an obfuscated identifier, junk): the client is then the last known proxy.
 */
export const clientReader = ({ trustedProxies = [], hosts = null }: ClientOptions): ReadClient => {
  const isTrusted = trustedProxies.length === 0 ? () => false : networkTest(trustedProxies);
  const known = (host: string): string | null => (hosts?.(host) ? host : null);
  return (request, peer) => {
    const { scheme, certificate } = peer;
    let address = canonicalAddress(peer.address ?? '') ?? '';
    if (address === '' || !isTrusted(address)) {
      const host = hosts === null ? null : known(requestedHost(request));
      return { address, isForwarded: false, scheme, host, certificate };
    }
    const hops = hopsOf(request.headers);
    for (let at = hops.length - 1; at >= 0 && isTrusted(address); at -= 1) {
      const hop = hops[at]?.address ?? null;
      if (hop === null) break;
      address = hop;
    }
    const last = hops.at(-1);
    return {
      address,
      isForwarded: hops.length > 0,
      scheme: last?.scheme === 'https' || last?.scheme === 'http' ? last.scheme : scheme,
      host: hosts === null ? null : known(last?.host ?? requestedHost(request)),
      certificate,
    };
  };
};
