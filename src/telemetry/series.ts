import type { Attributes } from '@opentelemetry/api';

/** What a label says of one measurement; null where it does not apply. */
export type LabelValue = string | number | null;

// As many as the SDK keeps of its own metrics; what is beyond them is told together, under the name that it uses.
const MOST_SERIES = 1_999;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

/** One value of one label, and those of the next label that were seen with it. */
class Branch<Series> {
  readonly below = new Map<LabelValue, Branch<Series>>();
  /** At the last label. */
  series: Series | undefined = undefined;
}

/**
 * The series of one metric, by the values of its labels. Each is made when first asked for. To find one again takes a look
 * into a map for each label, and no key is made for it, as the SDK does for each measurement.
 */
export class SeriesByLabels<Series> {
  readonly #labels: readonly string[];
  readonly #open: (attributes: Attributes) => Series;
  readonly #root = new Branch<Series>();
  readonly #all: Series[] = [];
  #overflow: Series | undefined = undefined;

  constructor(labels: readonly string[], open: (attributes: Attributes) => Series) {
    this.#labels = labels;
    this.#open = open;
  }

  /** All so far. */
  get all(): readonly Series[] {
    return this.#overflow === undefined ? this.#all : [...this.#all, this.#overflow];
  }

  /** `values` are those of the labels, in their order. */
  of(values: readonly LabelValue[]): Series {
    let branch: Branch<Series> | undefined = this.#root;
    for (const value of values) branch = branch?.below.get(value);
    return branch?.series ?? this.#add(values);
  }

  #add(values: readonly LabelValue[]): Series {
    if (this.#all.length >= MOST_SERIES) {
      this.#overflow ??= this.#open(OVERFLOW);
      return this.#overflow;
    }
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
