/** Counts of a process since its start. */
export interface Reading {
  /** Allocated in V8's heap; buffers outside of it do not count. */
  readonly bytes: number;
  /** Promises, those of `async` functions included, and one for each `await`. */
  readonly promises: number;
  /** Timers of setTimeout and setInterval. */
  readonly timers: number;
  /** Callbacks of setImmediate. */
  readonly immediates: number;
  /** Callbacks of process.nextTick. */
  readonly ticks: number;
  /** Copies of a call to an upstream, made by its layers. */
  readonly copies: number;
  /** Garbage collections. */
  readonly collections: number;
}

export type Count = keyof Reading;

/** One count between two readings, divided by the requests in between. */
export const perRequest = (count: Count, from: Reading, to: Reading, requests: number): number =>
  (to[count] - from[count]) / requests;
