import type { AnswerFault, Fault } from './fault-schema.ts';
import { hash } from './hash.ts';

/** Faults applied to one call. */
export interface Drawn {
  /** Sum of all applicable latencies. */
  readonly latencyMs: number;
  /** First other applicable fault. */
  readonly fault: AnswerFault | null;
}

interface Entry {
  readonly fault: Fault;
  /** Remaining applications of `times`. */
  left: number;
  /** Number of evaluations of `probability`. */
  asked: number;
}

// Deterministic instead of Math.random: a failing test must fail again.
const happens = (entry: Entry): boolean => {
  const { probability = 1, route, kind } = entry.fault;
  entry.asked += 1;
  return hash(`${route} ${kind} ${entry.asked}`) / 2 ** 32 < probability;
};

/**
 * The faults of one mock. The first listed fault of a route applies until its `times` are used up, then the next. `*`
 * excludes health checks, so that they do not count for `times`; name their route to break them.
 */
export class Faults {
  readonly #healthRoute: string;
  #entries: readonly Entry[] = [];

  constructor(healthRoute: string) {
    this.#healthRoute = healthRoute;
  }

  replace(faults: readonly Fault[]): void {
    this.#entries = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, asked: 0 }));
  }

  list(): readonly Fault[] {
    return this.#entries.map(({ fault }) => fault);
  }

  /** Determines the faults of one call to `route`, which counts for `times`. */
  draw(route: string): Drawn {
    let latencyMs = 0;
    let chosen: AnswerFault | null = null;
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (!this.#matches(fault, route) || entry.left === 0) continue;
      if ((fault.kind !== 'latency' && chosen !== null) || !happens(entry)) continue;
      entry.left -= 1;
      if (fault.kind === 'latency') latencyMs += fault.ms;
      else chosen = fault;
    }
    return { latencyMs, fault: chosen };
  }

  #matches(fault: Fault, route: string): boolean {
    return fault.route === route || (fault.route === '*' && route !== this.#healthRoute);
  }
}

/** A list with the errors of a buggy backend. */
export const reshaped = (kind: 'reorder' | 'shorten' | 'duplicate', rows: readonly unknown[]): readonly unknown[] => {
  switch (kind) {
    case 'reorder':
      return rows.toReversed();
    case 'shorten':
      return rows.slice(0, -1);
    case 'duplicate':
      return [...rows.slice(0, 1), ...rows];
  }
};
