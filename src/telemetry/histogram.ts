import type { Attributes } from '@opentelemetry/api';
import { wallTime } from '../clock.ts';
import { type LabelValue, SeriesByLabels } from './series.ts';

/** How the values of one series are spread over a histogram's buckets. */
export class Distribution {
  /** On the wall's clock: when it was last told, if that was the time before, or else its first value. */
  since: number | null;
  /** One more than there are boundaries: the last is for what is above all of them. */
  readonly counts: number[];
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  constructor(buckets: number, since: number | null) {
    this.counts = new Array<number>(buckets).fill(0);
    this.since = since;
  }

  add(value: number, bucket: number): void {
    this.since ??= wallTime();
    this.count += 1;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }
}

interface Series {
  readonly attributes: Attributes;
  /** One for each reader: each reads at its own time. */
  readonly distributions: Distribution[];
}

/** What a reader is told of one series. */
export interface Reading {
  readonly attributes: Attributes;
  readonly distribution: Distribution;
}

export interface HistogramOptions {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Upper bounds of the buckets, which are within them, in ascending order. */
  readonly boundaries: readonly number[];
  /** Names of its attributes. The series that they make are bounded, but each label should have few values by itself. */
  readonly labels: readonly string[];
}

/** Like a `Tally`, for what is measured: counted into buckets at once, and read when metrics are read. */
export class Histogram {
  readonly options: HistogramOptions;
  readonly #series: SeriesByLabels<Series>;

  /** `onFull` is called once, when the labels have more different values than series are kept. */
  constructor(options: HistogramOptions, readers: number, onFull?: () => void) {
    this.options = options;
    const open = (attributes: Attributes): Series => ({
      attributes,
      distributions: Array.from({ length: readers }, () => this.#nothing(null)),
    });
    this.#series = new SeriesByLabels(options.labels, open, onFull);
  }

  /** A value that is no number, or less than 0, is not counted. `labels` are values of the labels, in their order. */
  record(value: number, ...labels: readonly LabelValue[]): void {
    // One of them would be in the sum for as long as the process lives.
    if (!(value >= 0)) return;
    const { boundaries } = this.options;
    let bucket = 0;
    while (value > (boundaries[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    for (const distribution of this.#series.of(labels).distributions) distribution.add(value, bucket);
  }

  /** What was recorded so far. */
  readAll(reader: number): readonly Reading[] {
    return this.#read(reader);
  }

  /** What was recorded since this reader has asked before. */
  readNew(reader: number): readonly Reading[] {
    const readings = this.#read(reader);
    const now = wallTime();
    for (const { distributions } of this.#series.all) {
      const wasTold = (distributions[reader]?.count ?? 0) > 0;
      distributions[reader] = this.#nothing(wasTold ? now : null);
    }
    return readings;
  }

  #read(reader: number): readonly Reading[] {
    return this.#series.all.flatMap(({ attributes, distributions }) => {
      const distribution = distributions[reader];
      return distribution === undefined || distribution.count === 0 ? [] : { attributes, distribution };
    });
  }

  #nothing(since: number | null): Distribution {
    return new Distribution(this.options.boundaries.length + 1, since);
  }
}

/** The histograms of one process, and how many read them. */
export class Histograms {
  readonly #readers: number;
  readonly #all: Histogram[] = [];

  constructor(readers: number) {
    this.#readers = readers;
  }

  get all(): readonly Histogram[] {
    return this.#all;
  }

  open(options: HistogramOptions, onFull?: () => void): Histogram {
    const histogram = new Histogram(options, this.#readers, onFull);
    this.#all.push(histogram);
    return histogram;
  }
}
