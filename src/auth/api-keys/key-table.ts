/** Values by the id of their key. */
export interface KeyTable<Value> {
  get(id: string): Value | undefined;
  /** Returns the value at which the lookup ends: that of `id`, or that of another one. Undefined only without values. */
  nearest(id: string): Value | undefined;
  has(id: string): boolean;
  /** Adds or replaces a value. */
  set(id: string, value: Value): void;
  readonly size: number;
}

/**
 * Creates a table. A lookup takes the same steps for a known and for an unknown id: a binary search that never ends
 * early. A Map ends at the entry of a known id, and walks the whole chain of its bucket for an unknown one, which takes
 * longer: the time of an answer would reveal which ids exist.
 */
export const keyTable = <Value>(initial: ReadonlyMap<string, Value> = new Map()): KeyTable<Value> => {
  const entries = [...initial].sort(([one], [other]) => (one < other ? -1 : 1));
  const ids = entries.map(([id]) => id);
  const values = entries.map(([, value]) => value);

  /** Returns the index of the last id that is not after `id`; 0 if there is none. */
  const indexOf = (id: string): number => {
    let from = 0;
    for (let count = ids.length; count > 1; ) {
      const half = count >> 1;
      if ((ids[from + half] ?? '') <= id) from += half;
      count -= half;
    }
    return from;
  };

  return {
    get: (id) => {
      const at = indexOf(id);
      return ids[at] === id ? values[at] : undefined;
    },
    nearest: (id) => values[indexOf(id)],
    has: (id) => ids[indexOf(id)] === id,
    set: (id, value) => {
      const at = indexOf(id);
      const found = ids[at];
      if (found === id) values[at] = value;
      else {
        const next = found !== undefined && found < id ? at + 1 : at;
        ids.splice(next, 0, id);
        values.splice(next, 0, value);
      }
    },
    get size() {
      return ids.length;
    },
  };
};
