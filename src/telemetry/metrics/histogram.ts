import type { Attributes } from '@opentelemetry/api';
import { wallTime } from '../../core/clock.ts';
import { type LabelValue, SeriesByLabels } from './series.ts';

/** Distribution of the values of one series over the buckets of a histogram. */
export class Distribution {
  /** Start in milliseconds since 1970: the previous reading if it had values, otherwise the first value. */
  since: number | null;
  /** One bucket more than boundaries: the last is for values above all of them. */
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
  /** One for each reader: readers read at different times. */
  readonly distributions: Distribution[];
}

/** A reading of one series. */
export interface SeriesReading {
  readonly attributes: Attributes;
  readonly distribution: Distribution;
}

export interface HistogramOptions {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Inclusive upper bounds of the buckets, ascending. */
  readonly boundaries: readonly number[];
  /** Names of the attributes. The number of series is bounded, but each label should have few values. */
  readonly labels: readonly string[];
}

// perf: P2
/**
 * A histogram with cheap recording: values are counted into buckets directly, and exported when metrics are read. See
 * `Tally`.
 */
export class Histogram {
  readonly options: HistogramOptions;
  readonly #series: SeriesByLabels<Series>;

  /** `onFull` is called once, at the first values beyond the maximum number of series. */
  constructor(options: HistogramOptions, readers: number, onFull?: () => void) {
    this.options = options;
    const open = (attributes: Attributes): Series => ({
      attributes,
      distributions: Array.from({ length: readers }, () => this.#emptyDistribution(null)),
    });
    this.#series = new SeriesByLabels(options.labels, open, onFull);
  }

  /** Counts a value; NaN and negative values are ignored. `labels` are the values of the labels, in order. */
  record(value: number, ...labels: readonly LabelValue[]): void {
    // A NaN would stay in the sum as long as the process lives.
    if (!(value >= 0)) return;
    const { boundaries } = this.options;
    let bucket = 0;
    while (value > (boundaries[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    for (const distribution of this.#series.of(labels).distributions) distribution.add(value, bucket);
  }

  /** Reads all values since the start. */
  readAll(reader: number): readonly SeriesReading[] {
    return this.#read(reader);
  }

  /** Reads the values since the previous reading of this reader. */
  readNew(reader: number): readonly SeriesReading[] {
    const readings = this.#read(reader);
    const now = wallTime();
    for (const { distributions } of this.#series.all) {
      const hadValues = (distributions[reader]?.count ?? 0) > 0;
      distributions[reader] = this.#emptyDistribution(hadValues ? now : null);
    }
    return readings;
  }

  #read(reader: number): readonly SeriesReading[] {
    return this.#series.all.flatMap(({ attributes, distributions }) => {
      const distribution = distributions[reader];
      return distribution === undefined || distribution.count === 0 ? [] : { attributes, distribution };
    });
  }

  #emptyDistribution(since: number | null): Distribution {
    return new Distribution(this.options.boundaries.length + 1, since);
  }
}

/** The histograms of one process, with their number of readers. */
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
