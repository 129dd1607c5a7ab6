import type { Endpoint } from '../endpoints/endpoint.ts';
import { Pools, type PoolsOptions } from '../rest/pools.ts';
import type { EgressProxy } from './egress-proxy.ts';

/** The connections of one upstream: direct ones, and those through each proxy. */
export class EgressPools {
  readonly #options: PoolsOptions;
  readonly #direct: Pools;
  readonly #through = new Map<EgressProxy, Pools>();

  constructor(options: PoolsOptions) {
    this.#options = options;
    this.#direct = new Pools(options);
  }

  /** The pools of direct connections. */
  get direct(): Pools {
    return this.#direct;
  }

  /** The pools of connections through this proxy. */
  through(proxy: EgressProxy): Pools {
    const known = this.#through.get(proxy) ?? new Pools({ ...this.#options, proxy });
    this.#through.set(proxy, known);
    return known;
  }

  /** Closes the connections to an endpoint, as `Pools.release`. */
  async release(endpoint: Endpoint): Promise<void> {
    await Promise.all(this.#all().map((pools) => pools.release(endpoint)));
  }

  /** Renews the connections to `https:` endpoints, as `Pools.renewSecure`. */
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
    return [this.#direct, ...this.#through.values()];
  }
}
