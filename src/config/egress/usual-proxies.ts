import { isIP } from 'node:net';
import { networkTest } from '../ip-address.ts';
import { type BypassTest, bypassTest } from './no-proxy.ts';
import type { ProxyEntry } from './proxy-list.ts';

/** The proxies of the variables that most programs read: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
export interface UsualProxies {
  /** True if there is a proxy. */
  readonly isSet: boolean;
  /** Proxy for this scheme, host and port; null for a direct call. Loopback addresses are always called directly. */
  proxyFor(protocol: string, host: string, port: number): ProxyEntry | null;
  /** True for a host that is called without any proxy. */
  readonly isBypassed: BypassTest;
}

const isLoopbackAddress = networkTest(['127.0.0.0/8', '::1']);

const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (isIP(bare) !== 0 && isLoopbackAddress(bare));
};

export const usualProxies = (
  proxies: { readonly http: ProxyEntry | null; readonly https: ProxyEntry | null },
  noProxy: readonly string[],
): UsualProxies => {
  const isBypassed = bypassTest(noProxy);
  return {
    isSet: proxies.http !== null || proxies.https !== null,
    isBypassed,
    proxyFor: (protocol, host, port) => {
      const isPlain = protocol === 'http:' || protocol === 'grpc:';
      const proxy = isPlain ? proxies.http : proxies.https;
      return proxy === null || isLoopback(host) || isBypassed(host, port) ? null : proxy;
    },
  };
};

export const NO_USUAL_PROXIES: UsualProxies = usualProxies({ http: null, https: null }, []);
