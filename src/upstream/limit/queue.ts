/** Somebody in a queue, who may leave it. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | null;
  after: Place<T> | null;
  waits: boolean;
}

/** First in, first out; whoever is in the middle leaves as cheaply as the first one. */
export class Queue<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  join(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: null, waits: true };
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#size += 1;
    return place;
  }

  /** Leaving twice, or after one's turn came, does nothing. */
  leave(place: Place<T>): void {
    if (!place.waits) return;
    place.waits = false;
    const { before, after } = place;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    this.#size -= 1;
  }

  /** Whose turn it is, who thereby leaves; undefined where nobody waits. */
  next(): T | undefined {
    const first = this.#first;
    if (first === null) return undefined;
    this.leave(first);
    return first.value;
  }
}
