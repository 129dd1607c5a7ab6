import { addressOf, type Endpoint } from '../endpoint.ts';
import { Sessions, type SessionsOptions } from './sessions.ts';

const keys = new WeakMap<Endpoint, string>();

/** By address, and by the name that is asked for there: two names may resolve to one address. */
const keyOf = (endpoint: Endpoint): string => {
  const known = keys.get(endpoint);
  if (known !== undefined) return known;
  const key = `${addressOf(endpoint)} ${endpoint.url.host}`;
  keys.set(endpoint, key);
  return key;
};

/** The connections of one wire, by endpoint. Endpoints without a connection are not remembered. */
export class Peers {
  readonly #options: SessionsOptions;
  readonly #known = new Map<string, Sessions>();
  readonly #leaving = new Set<Sessions>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** How many there are, those that leave included. */
  get size(): number {
    return this.#known.size + this.#leaving.size;
  }

  /** To be used at once: one that has no connection and nobody who waits for one is forgotten. */
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

  /** Lets calls to it end in the time that they have. Resolves when its connections are closed. */
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
