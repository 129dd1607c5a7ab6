/** Shape of an answer that no healthy server sends. Its bytes depend on the protocol. */
export const BROKEN_SHAPES = ['reset', 'truncated', 'wrong-length', 'unfinished', 'garbage'] as const;
export const HUGE_SHAPES = ['bomb', 'large', 'endless'] as const;

export type Shape = 'whole' | 'trickle' | (typeof BROKEN_SHAPES)[number] | (typeof HUGE_SHAPES)[number];

/**
 * A failed request: 500 or INTERNAL, 503 or UNAVAILABLE, 429 or RESOURCE_EXHAUSTED, an uncaught exception (500 or UNKNOWN), a 200 with
 * text or an OK with a message that does not decode.
 */
export type Failure = 'error' | 'unavailable' | 'busy' | 'exception' | 'text';

/** Conduct of a backend. It can be changed at any time. */
export interface Conduct {
  /** Latency in milliseconds. */
  readonly afterMs: number;
  /** Maximum random addition to the latency. */
  readonly jitterMs: number;
  /** Share of requests that fail, from 0 to 1. */
  readonly failShare: number;
  readonly failure: Failure;
  /** Latency of a failure in milliseconds. */
  readonly failAfterMs: number;
  /** Retry-After of a busy backend in seconds; null for none. */
  readonly retryAfterS: number | null;
  readonly shape: Shape;
  /** Added to the text of things, as a defect of this version. */
  readonly addedText: string;
  /** Failures of requests for ids with this beginning, up to the first `-`. */
  readonly trouble: Readonly<Record<string, Failure>>;
  /** Answer to health checks. */
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
  addedText: '',
  trouble: {},
  healthy: true,
};

/** Record of a backend since its start or the last reset. Times are milliseconds since 1970. */
export interface Seen {
  readonly reads: number;
  readonly writes: number;
  readonly connections: number;
  /** Start times of reads and writes, the first 20,000. */
  readonly arrivals: readonly number[];
  /** Times of cancellations by the caller. */
  readonly aborts: readonly number[];
  /** Number of executions by id of a write. */
  readonly ledger: Readonly<Record<string, number>>;
  /** By id of a read, the times left that its attempts stated, in milliseconds; null for an attempt without one. */
  readonly deadlines: Readonly<Record<string, readonly (number | null)[]>>;
}

const PARAGRAPH = 'What is written here is long enough for an answer to be cut in the middle of it. ';

/** Text of the thing with this id, from which a reader can verify id and completeness. */
export const textOf = (id: string): string => `Thing ${id}. ${PARAGRAPH.repeat(12)}End of ${id}.`;
