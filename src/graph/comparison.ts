import type { ExecutionResult, GraphQLError } from 'graphql';
import { rootCause } from './apollo/root-cause.ts';

/** One of this many queries that ran as plans is run again. */
const EVERY = 10;

/** Maximum number of second runs at one time; further ones are skipped. */
const MAX_AT_ONCE = 4;

/** The part in which two responses differ. */
export type Difference = 'data' | 'errors';

/** List indices are ignored: delegation reports some errors of lists without their index. */
const locationOf = (error: GraphQLError): string => {
  const path = error.path?.filter((key) => typeof key === 'string').join('.') ?? '';
  return `${path} ${Reflect.get(rootCause(error), 'code') ?? ''}`;
};

const locationsOf = ({ errors = [] }: ExecutionResult): string =>
  [...new Set(errors.map(locationOf))].toSorted().join('\n');

const differenceOf = (one: ExecutionResult, other: ExecutionResult): Difference | null => {
  if (JSON.stringify(one.data) !== JSON.stringify(other.data)) return 'data';
  return locationsOf(one) === locationsOf(other) ? null : 'errors';
};

/** Runs a share of the queries again in another way, after the first response is complete. */
export class Comparison {
  #seen = 0;
  #open = 0;

  /**
   * Returns the part in which the responses differ; null if they are equal, if there is no second response, or if this
   * query is not in the share.
   */
  async compare(answer: ExecutionResult, again: () => Promise<ExecutionResult | null>): Promise<Difference | null> {
    this.#seen += 1;
    if (this.#seen % EVERY !== 1 || this.#open >= MAX_AT_ONCE) return null;
    this.#open += 1;
    try {
      const second = await again();
      return second === null ? null : differenceOf(answer, second);
    } finally {
      this.#open -= 1;
    }
  }
}
