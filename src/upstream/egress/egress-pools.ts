import type { Endpoint } from '../endpoints/endpoint.ts';
import type { EgressProxy } from './egress-proxy.ts';

/** The connection pools of one upstream on one way: directly, or through one proxy. */
export interface PoolsOnOneWay {
  /** Closes the connections to an endpoint once their calls have ended. */
  release(endpoint: Endpoint): Promise<void>;
  /** Replaces the connections over TLS. */
  renewSecure(): void;
  /** Closes all connections once their calls have ended. */
  close(): Promise<void>;
}

/** The connections of one upstream: direct ones, and those through each proxy. */
export class EgressPools<Pools extends PoolsOnOneWay> {
  /** The pools of direct connections. */
  readonly direct: Pools;
  readonly #open: (proxy: EgressProxy) => Pools;
  readonly #through = new Map<EgressProxy, Pools>();

  /** `open` returns the pools of connections through a proxy; null for direct ones. */
  constructor(open: (proxy: EgressProxy | null) => Pools) {
    this.#open = open;
    this.direct = open(null);
  }

  /** The pools of connections through this proxy. */
  through(proxy: EgressProxy): Pools {
    const known = this.#through.get(proxy) ?? this.#open(proxy);
    this.#through.set(proxy, known);
    return known;
  }

  /** Closes the connections to an endpoint once their calls have ended. */
  async release(endpoint: Endpoint): Promise<void> {
    await Promise.all(this.#all().map((pools) => pools.release(endpoint)));
  }

  /** Replaces the connections over TLS. */
  renewSecure(): void {
    for (const pools of this.#all()) pools.renewSecure();
  }

  /** Closes the connections through a proxy once their calls have ended. */
  async drop(proxy: EgressProxy): Promise<void> {
    const pools = this.#through.get(proxy);
    this.#through.delete(proxy);
    await pools?.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all().map((pools) => pools.close()));
  }

  #all(): readonly Pools[] {
    return [this.direct, ...this.#through.values()];
  }
}
