import type { ExecutionResult, GraphQLError } from 'graphql';
import { rootCause } from './root-cause.ts';

/** Of the queries that were run by plans, one of so many is run again. */
const EVERY = 10;

/** Runs that nobody waits for: more at one time are left out. */
const MOST_AT_ONCE = 4;

/** In what two answers differ. */
export type Difference = 'data' | 'errors';

/** Delegation reports some errors of lists without their index. */
const placeOf = (error: GraphQLError): string => {
  const place = error.path?.filter((key) => typeof key === 'string').join('.') ?? '';
  return `${place} ${Reflect.get(rootCause(error), 'code') ?? ''}`;
};

const placesOf = ({ errors = [] }: ExecutionResult): string => [...new Set(errors.map(placeOf))].toSorted().join('\n');

export const differenceOf = (one: ExecutionResult, other: ExecutionResult): Difference | null => {
  if (JSON.stringify(one.data) !== JSON.stringify(other.data)) return 'data';
  return placesOf(one) === placesOf(other) ? null : 'errors';
};

/** Runs a share of the queries a second time, in another way, when the first answer is there. */
export class Comparison {
  #seen = 0;
  #open = 0;

  /** In what the answers differ; null where they do not, where there is no second one, or where this query is none of the share. */
  async compare(answer: ExecutionResult, again: () => Promise<ExecutionResult | null>): Promise<Difference | null> {
    this.#seen += 1;
    if (this.#seen % EVERY !== 1 || this.#open >= MOST_AT_ONCE) return null;
    this.#open += 1;
    try {
      const second = await again();
      return second === null ? null : differenceOf(answer, second);
    } finally {
      this.#open -= 1;
    }
  }
}
