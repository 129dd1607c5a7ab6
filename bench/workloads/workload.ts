/** One request, in the two forms that contenders take it. */
export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Path of the hand-written endpoint; null if there is none for it. */
  readonly path: string | null;
  /** The whole answer that is right, made from the fixtures and from no contender. */
  readonly expected: () => unknown;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** Asked one after the other, again from the start: so many that no two in flight are the same, or only one. */
  readonly asked: readonly Asked[];
  /** Requests in flight at saturation. Default 32. */
  readonly inFlight?: number;
  /** Gives every nth request (by its number) a document that is new to the server. Default: none. */
  readonly fresh?: (query: string, sequence: number) => string | null;
}

/** JSON with its keys in order: equal for answers that say the same. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
