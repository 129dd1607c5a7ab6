import { addressOf, type Endpoint } from '../../endpoints/endpoint.ts';
import { ConnectionPool, type ConnectionPoolOptions } from './pool.ts';

const keys = new WeakMap<Endpoint, string>();

/** Key of a pool: address and name, because two names may resolve to one address. */
const keyOf = (endpoint: Endpoint): string => {
  const known = keys.get(endpoint);
  if (known !== undefined) return known;
  const key = `${addressOf(endpoint)} ${endpoint.url.host}`;
  keys.set(endpoint, key);
  return key;
};

/** Time in milliseconds that calls in flight have on connections with certificates that were replaced. */
const RENEWAL_MS = 900_000;

/** The connection pools of one transport, by endpoint. A pool without connections is dropped. */
export class ConnectionPools {
  readonly #options: ConnectionPoolOptions;
  readonly #known = new Map<string, ConnectionPool>();
  readonly #leaving = new Set<ConnectionPool>();

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Number of pools, including those that are being released. */
  get size(): number {
    return this.#known.size + this.#leaving.size;
  }

  /** Returns the pool of an endpoint, for immediate use: a pool without connections and waiting calls is dropped. */
  at(endpoint: Endpoint): ConnectionPool {
    const key = keyOf(endpoint);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const pool: ConnectionPool = new ConnectionPool(endpoint, this.#options, () => {
      if (this.#known.get(key) === pool) this.#known.delete(key);
      this.#leaving.delete(pool);
    });
    this.#known.set(key, pool);
    return pool;
  }

  /** Lets the calls in flight end, then closes the connections of an endpoint. Resolves when they are closed. */
  async release(endpoint: Endpoint): Promise<void> {
    const key = keyOf(endpoint);
    const pool = this.#known.get(key);
    if (pool === undefined) return;
    this.#known.delete(key);
    this.#leaving.add(pool);
    await pool.release();
  }

  /**
   * Closes the connections to `grpcs:` endpoints once their calls have ended, fifteen minutes later at most. New calls open new
   * ones.
   */
  renewSecure(): void {
    for (const [key, pool] of this.#known) {
      if (!pool.isSecure) continue;
      this.#known.delete(key);
      this.#leaving.add(pool);
      const limit = this.#options.clock.after(RENEWAL_MS, () => void pool.close());
      void pool.release().then(() => limit.cancel());
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from([...this.#known.values(), ...this.#leaving], (pool) => pool.close()));
  }
}
