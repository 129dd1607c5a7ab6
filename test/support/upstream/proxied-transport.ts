import { onTestFinished } from 'vitest';
import { parseProxyList } from '../../../src/config/egress/proxy-list.ts';
import { usualProxies } from '../../../src/config/egress/usual-proxies.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryCallCounters } from '../../../src/rate-limit/call-counter.ts';
import type { Call } from '../../../src/upstream/call.ts';
import { proxiesOf } from '../../../src/upstream/egress/egress.ts';
import { EGRESS, type EgressOptions } from '../../../src/upstream/egress/egress-options.ts';
import { type ProxyEvent, ProxyRegistry } from '../../../src/upstream/egress/proxy-registry.ts';
import { type Endpoint, endpointAt } from '../../../src/upstream/endpoints/endpoint.ts';
import { restTransport } from '../../../src/upstream/rest/transport.ts';
import { type ForwardProxy, forwardProxy } from '../backends/forward-proxy.ts';
import { httpServer, secureServer } from '../backends/hostile-http.ts';
import { selfSigned } from '../certificates/local-certificate.ts';
import { restCall } from './calls.ts';
import { trusting } from './upstream-tls.ts';

/** Password of the proxies. */
export const PASSWORD = 'geheim:1';
const certificate = selfSigned();

export const secureBackend = async (): Promise<Endpoint> => {
  const { port } = await secureServer(certificate, (_request, response) => response.end('{"from":"secure"}'));
  return endpointAt(`https://127.0.0.1:${port}`);
};

export const plainBackend = () => httpServer((_request, response) => response.end('{"from":"plain"}'));

interface ProxiedOptions {
  readonly options?: EgressOptions;
  readonly noProxy?: readonly string[];
  readonly connectTimeoutMs?: number;
  readonly labels?: readonly string[];
}

/** Proxies of one upstream, called p0, p1 and so on. */
export const listedProxies = (
  proxies: readonly Pick<ForwardProxy, 'url'>[],
  { options = {}, noProxy = [], labels = [] }: Omit<ProxiedOptions, 'connectTimeoutMs'> = {},
) => {
  const events: ProxyEvent[] = [];
  const registry = new ProxyRegistry({ clock: systemClock, random: () => 0.5, report: (event) => events.push(event) });
  const listed = proxies.map(
    ({ url }, at) => `${url};name=p${at}${labels[at] === undefined ? '' : `;labels=${labels[at]}`}`,
  );
  if (listed.length > 0) registry.replace(parseProxyList(listed.join(',')));
  const egress = {
    proxies: registry,
    usual: usualProxies({ http: null, https: null }, noProxy),
    openCounter: memoryCallCounters(systemClock),
  };
  const states = () => registry.status().map(({ state }) => state);
  return { registry, egress, proxiesOf: proxiesOf('shop.things', EGRESS.parse(options), egress), events, states };
};

/** A transport of one upstream through these proxies, until the test ends. */
export const proxiedTransport = (
  proxies: readonly ForwardProxy[],
  { connectTimeoutMs = 20_000, ...options }: ProxiedOptions = {},
) => {
  const listed = listedProxies(proxies, options);
  const { registry, events, states } = listed;
  const transport = restTransport({
    clock: systemClock,
    maxResponseBytes: 10_000,
    connectTimeoutMs,
    tls: trusting(certificate.cert),
    proxies: registry,
    proxiesOf: listed.proxiesOf,
  });
  onTestFinished(() => transport.close());
  const call = (endpoint: Endpoint, changes: Partial<Call> = {}): Call =>
    restCall({ endpoint, deadline: systemClock.now() + 60_000, ...changes });
  const send = (endpoint: Endpoint, changes: Partial<Call> = {}) => transport.send(call(endpoint, changes));
  return { send, call, registry, transport, events, states };
};

export const threeProxies = () => Promise.all([forwardProxy(PASSWORD), forwardProxy(PASSWORD), forwardProxy(PASSWORD)]);
