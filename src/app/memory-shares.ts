import { getHeapStatistics } from 'node:v8';

const MIB = 1_048_576;
// V8's limit includes the young generation: three semi-spaces of 32 MiB.
const YOUNG_BYTES = 96 * MIB;

/** Bytes of this process's heap for long-lived objects: `--max-old-space-size`, or Node's default for this machine. */
const heapBytes = (limit: number = getHeapStatistics().heap_size_limit): number =>
  Math.max(limit - YOUNG_BYTES, limit / 2);

/** Bytes for each consumer that grows with traffic. */
export interface MemoryShares {
  /** Estimated bytes that requests in flight may hold. */
  readonly inFlight: number;
  /** Parsed documents. */
  readonly documents: number;
  /** Compiled plans. */
  readonly plans: number;
  /** Texts of persisted queries. */
  readonly persisted: number;
  /** Entities and answers in memory, without Redis. */
  readonly store: number;
}

/**
 * Shares of a heap: together about half of it, with an upper bound for each cache. The rest is for the program
 * itself.
 */
export const memoryShares = (heap: number = heapBytes()): MemoryShares => ({
  inFlight: Math.floor(heap / 4),
  documents: Math.floor(Math.min(heap / 16, 128 * MIB)),
  plans: Math.floor(Math.min(heap / 16, 96 * MIB)),
  persisted: Math.floor(Math.min(heap / 32, 32 * MIB)),
  store: Math.floor(Math.min(heap / 16, 64 * MIB)),
});
