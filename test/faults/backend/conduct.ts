/** What an answer is like that no well server gives. What it is on the wire depends on the protocol. */
export const BROKEN_SHAPES = ['reset', 'truncated', 'wrong-length', 'unfinished', 'garbage'] as const;
export const HUGE_SHAPES = ['bomb', 'large', 'endless'] as const;

export type Shape = 'whole' | 'trickle' | (typeof BROKEN_SHAPES)[number] | (typeof HUGE_SHAPES)[number];

/** How a backend behaves. It can be changed at any time. */
export interface Conduct {
  /** How long an answer takes, in milliseconds. */
  readonly afterMs: number;
  /** Up to this much longer, at random. */
  readonly jitterMs: number;
  /** The share of requests that fail, from 0 to 1. */
  readonly failShare: number;
  /** How they fail: 500 or INTERNAL, 503 or UNAVAILABLE, 429 or RESOURCE_EXHAUSTED. */
  readonly failure: 'error' | 'unavailable' | 'busy';
  /** After this time, in milliseconds. */
  readonly failAfterMs: number;
  /** When one that is busy wants to be asked again, in seconds; null: it does not say. */
  readonly retryAfterS: number | null;
  readonly shape: Shape;
  /** What it says when it is asked for its health. */
  readonly healthy: boolean;
}

export const WELL: Conduct = {
  afterMs: 0,
  jitterMs: 0,
  failShare: 0,
  failure: 'error',
  failAfterMs: 1,
  retryAfterS: null,
  shape: 'whole',
  healthy: true,
};

/** What a backend has seen since it started, or since it was asked to forget. Times are milliseconds since 1970. */
export interface Seen {
  readonly reads: number;
  readonly writes: number;
  readonly connections: number;
  /** When reads and writes began, the first 20,000. */
  readonly arrivals: readonly number[];
  /** When requests were given up by their caller. */
  readonly aborts: readonly number[];
  /** By id of a write, how often it was carried out. */
  readonly ledger: Readonly<Record<string, number>>;
  /** By id of a read, the times left that its attempts were told of, in milliseconds; null where one was told nothing. */
  readonly told: Readonly<Record<string, readonly (number | null)[]>>;
}

const PARAGRAPH = 'What is written here is long enough for an answer to be cut in the middle of it. ';

/** The text of the thing with this id: whoever reads it can tell whether it is the right one, and whole. */
export const textOf = (id: string): string => `Thing ${id}. ${PARAGRAPH.repeat(12)}End of ${id}.`;
