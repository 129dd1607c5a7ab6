/** Maximum number of requests in flight. */
const MAX_IN_FLIGHT = 200;

/**
 * The introspection requests in flight, by the hash of their token. Networks share the room by a dynamic threshold: each
 * may have as many requests in flight as there is room left. A single network has half of the room at most, so that it
 * leaves some for any other.
 */
export class IntrospectionFlights<T> {
  readonly #flights = new Map<string, Promise<T>>();
  /** Requests in flight by network. Networks without one have no entry. */
  readonly #counts = new Map<string, number>();

  /** Returns the request in flight of a token, whatever its network. */
  get(key: string): Promise<T> | undefined {
    return this.#flights.get(key);
  }

  /** True if this network may have another request in flight. */
  hasRoom(network: string): boolean {
    return this.#of(network) < MAX_IN_FLIGHT - this.#flights.size;
  }

  /** Adds a request of this network until it has ended. Returns its result. */
  start(key: string, network: string, request: Promise<T>): Promise<T> {
    this.#counts.set(network, this.#of(network) + 1);
    const flight = request.finally(() => this.#end(key, network));
    this.#flights.set(key, flight);
    return flight;
  }

  #of(network: string): number {
    return this.#counts.get(network) ?? 0;
  }

  #end(key: string, network: string): void {
    this.#flights.delete(key);
    const left = this.#of(network) - 1;
    if (left > 0) this.#counts.set(network, left);
    else this.#counts.delete(network);
  }
}
