import { addressOf, type Endpoint } from '../../endpoints/endpoint.ts';
import { Sessions, type SessionsOptions } from './pool.ts';

const keys = new WeakMap<Endpoint, string>();

/** Key of a pool: address and name, because two names may resolve to one address. */
const keyOf = (endpoint: Endpoint): string => {
  const known = keys.get(endpoint);
  if (known !== undefined) return known;
  const key = `${addressOf(endpoint)} ${endpoint.url.host}`;
  keys.set(endpoint, key);
  return key;
};

/** The connection pools of one transport, by endpoint. A pool without connections is dropped. */
export class Peers {
  readonly #options: SessionsOptions;
  readonly #known = new Map<string, Sessions>();
  readonly #leaving = new Set<Sessions>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Number of pools, including those that are being released. */
  get size(): number {
    return this.#known.size + this.#leaving.size;
  }

  /** Returns the pool of an endpoint, for immediate use: a pool without connections and waiting calls is dropped. */
  at(endpoint: Endpoint): Sessions {
    const key = keyOf(endpoint);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const sessions: Sessions = new Sessions(endpoint, this.#options, () => {
      if (this.#known.get(key) === sessions) this.#known.delete(key);
      this.#leaving.delete(sessions);
    });
    this.#known.set(key, sessions);
    return sessions;
  }

  /** Lets the calls in flight end, then closes the connections of an endpoint. Resolves when they are closed. */
  async release(endpoint: Endpoint): Promise<void> {
    const key = keyOf(endpoint);
    const sessions = this.#known.get(key);
    if (sessions === undefined) return;
    this.#known.delete(key);
    this.#leaving.add(sessions);
    await sessions.release();
  }

  async close(): Promise<void> {
    await Promise.all(Array.from([...this.#known.values(), ...this.#leaving], (sessions) => sessions.close()));
  }
}
