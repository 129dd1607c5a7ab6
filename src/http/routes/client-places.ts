/** Counts what each client has in flight, against one maximum. */
export class ClientPlaces {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes a place of a client. Returns the function that frees it, once; null if all places of the client are taken. */
  take(client: string): (() => void) | null {
    const taken = this.#taken.get(client) ?? 0;
    if (taken >= this.#max) return null;
    this.#taken.set(client, taken + 1);
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      const left = (this.#taken.get(client) ?? 1) - 1;
      if (left === 0) this.#taken.delete(client);
      else this.#taken.set(client, left);
    };
  }
}
