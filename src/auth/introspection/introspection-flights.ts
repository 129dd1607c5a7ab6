import { FairShares } from '../../core/fair-shares.ts';

/** Maximum number of requests in flight. A single network has half of it at most. */
const MAX_IN_FLIGHT = 200;

/** The introspection requests in flight, by the hash of their token. Networks share the room for them. */
export class IntrospectionFlights<T> {
  readonly #flights = new Map<string, Promise<T>>();
  readonly #networks = new FairShares(MAX_IN_FLIGHT);

  /** Returns the request in flight of a token, whatever its network. */
  get(key: string): Promise<T> | undefined {
    return this.#flights.get(key);
  }

  /** True if this network may have another request in flight. */
  hasRoom(network: string): boolean {
    return this.#networks.hasRoom(network);
  }

  /** Adds a request of this network until it has ended. Returns its result. */
  start(key: string, network: string, request: Promise<T>): Promise<T> {
    this.#networks.add(network);
    const flight = request.finally(() => {
      this.#flights.delete(key);
      this.#networks.remove(network);
    });
    this.#flights.set(key, flight);
    return flight;
  }
}
