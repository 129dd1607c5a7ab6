import { Agent, type Dispatcher, fetch, ProxyAgent, type RequestInit, type Response } from 'undici';
import { DEFAULT_GUARD, type EgressGuard } from './egress-guard.ts';
import { guardedConnector } from './guarded-connector.ts';
import type { ProxyEntry } from './proxy-list.ts';
import { NO_USUAL_PROXIES, type UsualProxies } from './usual-proxies.ts';

/** Sends the gateway's own requests: for keys of issuers, and for access tokens. */
export interface OwnRequests {
  /** As `fetch`; rejects with an EgressRefusedError as `cause` for an address that the guard refuses. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;

const agentFor = ({ origin, authorization }: ProxyEntry): ProxyAgent =>
  new ProxyAgent({
    uri: origin,
    ...(authorization !== null && { token: authorization.reveal() }),
    // The guard for names has run. The proxy itself is never a reserved address.
    proxyTls: { timeout: CONNECT_TIMEOUT_MS, lookup: DEFAULT_GUARD.lookup },
    requestTls: { timeout: CONNECT_TIMEOUT_MS },
  });

/**
 * Opens the connections of the gateway's own requests. They go through `HTTPS_PROXY` and `HTTP_PROXY`; a proxy receives
 * only names that the guard allows.
 */
export const ownRequests = (
  guard: EgressGuard = DEFAULT_GUARD,
  { proxyFor }: UsualProxies = NO_USUAL_PROXIES,
): OwnRequests => {
  const direct = new Agent({ connect: guardedConnector({ timeout: CONNECT_TIMEOUT_MS }, guard) });
  const agents = new Map<ProxyEntry, ProxyAgent>();
  const dispatcherTo = (url: URL): Dispatcher => {
    const proxy = proxyFor(url.protocol, url.hostname, Number(url.port) || (url.protocol === 'https:' ? 443 : 80));
    if (proxy === null) return direct;
    const refused = guard.refusedName(url.hostname);
    if (refused !== null) throw refused;
    const agent = agents.get(proxy) ?? agentFor(proxy);
    agents.set(proxy, agent);
    return agent;
  };
  return {
    fetch: async (url, init) => fetch(url, { ...init, dispatcher: dispatcherTo(new URL(url)) }),
    close: async () => {
      await Promise.all([direct.close(), ...[...agents.values()].map((agent) => agent.close())]);
    },
  };
};

/** Requests with the default guard and without proxies, for callers that set none. */
export const DEFAULT_REQUESTS: OwnRequests = ownRequests();
