import type { Call } from '../call.ts';
import { absoluteFormFailure } from '../egress/absolute-form.ts';
import type { ProxiesOf } from '../egress/egress.ts';
import { EgressPools } from '../egress/egress-pools.ts';
import { proxiedRequest } from '../egress/proxied-request.ts';
import type { ProxyRegistry } from '../egress/proxy-registry.ts';
import { throughProxies } from '../egress/through-proxies.ts';
import { type Endpoint, endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamTls } from '../tls/upstream-tls.ts';
import { type AnswerRules, exchange, type RawAnswer } from './exchange.ts';
import { Pools, type PoolsOptions } from './pools.ts';
import type { RestRequest } from './rest-request.ts';

interface RequestSenderOptions {
  readonly pools: Omit<PoolsOptions, 'proxy' | 'tls'> & { readonly tls: UpstreamTls };
  /** Other origins that the endpoints may redirect to. */
  readonly origins: readonly string[];
  /** Proxies of each endpoint. */
  readonly proxiesOf: ProxiesOf;
  /** The proxies of which connections are closed when they leave the list; null for none. */
  readonly proxies: Pick<ProxyRegistry, 'onRemoved'> | null;
}

const egressPools = (options: Omit<PoolsOptions, 'proxy'>): EgressPools<Pools> =>
  new EgressPools((proxy) => new Pools(proxy === null ? options : { ...options, proxy }));

/** Sends HTTP requests to endpoints and to the origins that these redirect to, directly or through egress proxies. */
export class RequestSender {
  readonly #options: RequestSenderOptions;
  readonly #pools: EgressPools<Pools>;
  readonly #otherPools: EgressPools<Pools>;
  readonly #others: ReadonlyMap<string, Endpoint>;
  readonly #unfollow: (() => void) | undefined;

  constructor(options: RequestSenderOptions) {
    const { pools, origins, proxies } = options;
    const { tls } = pools;
    this.#options = options;
    this.#pools = egressPools(pools);
    // Without the client certificate, which is a credential of the endpoints.
    this.#otherPools = egressPools({ ...pools, tls: tls.forOthers });
    this.#others = new Map(origins.map((origin) => [origin, endpointAt(origin)]));
    tls.onChange(() => {
      this.#pools.renewSecure();
      this.#otherPools.renewSecure();
    });
    this.#unfollow = proxies?.onRemoved(
      (proxy) => void Promise.all([this.#pools.drop(proxy), this.#otherPools.drop(proxy)]),
    );
  }

  /** Path of the endpoint's URL, without a trailing slash. */
  basePathOf(endpoint: Endpoint): string {
    return this.#pools.direct.to(endpoint).basePath;
  }

  /** Sends one request of a call to this origin: that of the endpoint, or one of `origins`. Rejects as `exchange`. */
  send(request: RestRequest, endpoint: Endpoint, origin: string, call: Call, rules: AnswerRules): Promise<RawAnswer> {
    const other = this.#others.size === 0 ? undefined : this.#otherAt(origin, endpoint);
    const target = other ?? endpoint;
    const pools = other === undefined ? this.#pools : this.#otherPools;
    const group = this.#options.proxiesOf(target);
    if (group === null) return exchange(pools.direct.to(target).pool, request, call, rules);
    const { guard, clock, connectTimeoutMs } = this.#options.pools;
    return throughProxies({
      group,
      call,
      endpoint: target,
      guard,
      clock,
      connectTimeoutMs,
      send: (proxy, sent) =>
        exchange(pools.through(proxy).to(target).pool, proxiedRequest(proxy, target, request), sent, rules),
      endOf: ({ stream, raw }) => stream?.ended ?? raw?.ended,
      failureIn: absoluteFormFailure,
    });
  }

  async release(endpoint: Endpoint): Promise<void> {
    this.#options.pools.tls.release(endpoint);
    await this.#pools.release(endpoint);
  }

  async close(): Promise<void> {
    this.#unfollow?.();
    this.#options.pools.tls.close();
    await Promise.all([this.#pools.close(), this.#otherPools.close()]);
  }

  #otherAt(origin: string, endpoint: Endpoint): Endpoint | undefined {
    return origin === endpoint.url.origin ? undefined : this.#others.get(origin);
  }
}
