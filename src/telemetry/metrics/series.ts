import type { Attributes } from '@opentelemetry/api';
import { OTHER } from '../names.ts';

/** Value of a label; null if it does not apply. */
export type LabelValue = string | number | null;

/** Maximum number of series of one metric, as in the SDK. One more takes all values beyond them. */
export const MAX_SERIES = 1_999;

/** A node in the tree of label values, one level per label. */
class Branch<Series> {
  readonly below = new Map<LabelValue, Branch<Series>>();
  /** Set at the last label. */
  series: Series | undefined = undefined;
}

// perf: P2
/**
 * The series of one metric by the values of its labels, created at first use. A lookup takes one map access per label
 * and builds no key, unlike in the SDK. Beyond `MAX_SERIES`, all further values share one series with `other` in every
 * label.
 */
export class SeriesByLabels<Series> {
  readonly #labels: readonly string[];
  readonly #open: (attributes: Attributes) => Series;
  readonly #root = new Branch<Series>();
  readonly #all: Series[] = [];
  readonly #onFull: () => void;
  #others: Series | undefined = undefined;

  /** `onFull` is called once, at the first values beyond the bound. */
  constructor(labels: readonly string[], open: (attributes: Attributes) => Series, onFull: () => void = () => {}) {
    this.#labels = labels;
    this.#open = open;
    this.#onFull = onFull;
  }

  /** All series so far. */
  get all(): readonly Series[] {
    return this.#all;
  }

  /** Returns the series of these label values, in the order of the labels. */
  of(values: readonly LabelValue[]): Series {
    return this.#find(values) ?? (this.#all.length < MAX_SERIES ? this.#add(values) : this.#otherSeries());
  }

  #find(values: readonly LabelValue[]): Series | undefined {
    let branch: Branch<Series> | undefined = this.#root;
    for (const value of values) branch = branch?.below.get(value);
    return branch?.series;
  }

  #otherSeries(): Series {
    if (this.#others === undefined) {
      const others = this.#labels.map(() => OTHER);
      this.#others = this.#find(others) ?? this.#add(others);
      this.#onFull();
    }
    return this.#others;
  }

  #add(values: readonly LabelValue[]): Series {
    let branch = this.#root;
    for (const value of values) {
      const next = branch.below.get(value) ?? new Branch<Series>();
      branch.below.set(value, next);
      branch = next;
    }
    branch.series = this.#open(this.#attributesOf(values));
    this.#all.push(branch.series);
    return branch.series;
  }

  #attributesOf(values: readonly LabelValue[]): Attributes {
    const given = this.#labels.map((label, at) => [label, values[at] ?? null] as const);
    return Object.fromEntries(given.flatMap(([label, value]) => (value === null ? [] : [[label, value]])));
  }
}
