/** An entry of a queue. It may leave before its turn. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | null;
  after: Place<T> | null;
  waits: boolean;
}

/** A first-in, first-out queue. Leaving from the middle costs as much as leaving from the front. */
export class Queue<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value whose turn is next; undefined for an empty queue. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  join(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: null, waits: true };
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#size += 1;
    return place;
  }

  /** Leaving twice, or after the entry's turn, does nothing. */
  leave(place: Place<T>): void {
    if (!place.waits) return;
    place.waits = false;
    const { before, after } = place;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    // A place that V8 has moved to its old generation would keep those behind it, and their values, until a full collection.
    place.before = null;
    place.after = null;
    this.#size -= 1;
  }

  /** Removes and returns the first value; undefined for an empty queue. */
  next(): T | undefined {
    const first = this.#first;
    if (first === null) return undefined;
    this.leave(first);
    return first.value;
  }
}
