import type { Dispatcher } from 'undici';
import { type Endpoint, endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamTls } from '../tls/upstream-tls.ts';
import { type Connections, Pools, type PoolsOptions } from './pools.ts';

export interface OriginPoolsOptions extends PoolsOptions {
  readonly tls: UpstreamTls;
}

/** The connections of a transport: to its endpoints, and to other origins that it may be redirected to. */
export class OriginPools {
  readonly #own: Pools;
  readonly #other: Pools;
  readonly #others: ReadonlyMap<string, Endpoint>;
  readonly #tls: UpstreamTls;

  constructor(options: OriginPoolsOptions, origins: readonly string[]) {
    const { tls } = options;
    this.#tls = tls;
    this.#own = new Pools(options);
    // Without the client certificate, which is a credential of the endpoints.
    this.#other = new Pools({ ...options, tls: tls.forOthers });
    this.#others = new Map(origins.map((origin) => [origin, endpointAt(origin)]));
    tls.onChange(() => {
      this.#own.renewSecure();
      this.#other.renewSecure();
    });
  }

  to(endpoint: Endpoint): Connections {
    return this.#own.to(endpoint);
  }

  /** Returns the connections of an endpoint's redirect. */
  toOrigin(endpoint: Endpoint, origin: string): Dispatcher {
    const other = this.#others.get(origin);
    return origin === endpoint.url.origin || other === undefined
      ? this.#own.to(endpoint).pool
      : this.#other.to(other).pool;
  }

  release(endpoint: Endpoint): Promise<void> {
    this.#tls.release(endpoint);
    return this.#own.release(endpoint);
  }

  async close(): Promise<void> {
    this.#tls.close();
    await Promise.all([this.#own.close(), this.#other.close()]);
  }
}
