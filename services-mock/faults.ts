import type { AnswerFault, Fault } from './fault-schema.ts';
import { hash } from './hash.ts';

/** What is done to one call. */
export interface Drawn {
  /** The sum of every latency that applies. */
  readonly latencyMs: number;
  /** The first other fault that applies. */
  readonly fault: AnswerFault | null;
}

interface Entry {
  readonly fault: Fault;
  /** Applications left of `times`. */
  left: number;
  /** How often `probability` was asked. */
  asked: number;
}

// Not Math.random: a test that fails must fail again.
const happens = (entry: Entry): boolean => {
  const { probability = 1, route, kind } = entry.fault;
  entry.asked += 1;
  return hash(`${route} ${kind} ${entry.asked}`) / 2 ** 32 < probability;
};

/**
 * The faults of one mock. Of two faults on a route the one listed first applies; once its `times` are used up, the next.
 * Health checks are spared by `*`, so that they do not use up anybody's `times`: name their route to break them.
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

  /** Decides about one call to `route`, which counts for `times`. */
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

/** A list as a backend with a bug would give it. */
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
