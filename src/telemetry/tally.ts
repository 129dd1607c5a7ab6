import type { Attributes, Meter, MetricOptions } from '@opentelemetry/api';
import { type LabelValue, SeriesByLabels } from './series.ts';

/**
 * A counter with cheap additions: one map access per label, exported when metrics are read.
 *
 * `labels` names its attributes. The number of series is bounded.
 */
export class Tally {
  readonly #series: SeriesByLabels<{ readonly attributes: Attributes; total: number }>;

  private constructor(labels: readonly string[], onFull?: () => void) {
    this.#series = new SeriesByLabels(labels, (attributes) => ({ attributes, total: 0 }), onFull);
  }

  /** Creates a counter that only grows. */
  static counter(
    meter: Meter,
    name: string,
    options: MetricOptions,
    labels: readonly string[],
    onFull?: () => void,
  ): Tally {
    const tally = new Tally(labels, onFull);
    meter.createObservableCounter(name, options).addCallback((result) => tally.#observe(result));
    return tally;
  }

  /** Creates a counter that may also decrease. */
  static level(
    meter: Meter,
    name: string,
    options: MetricOptions,
    labels: readonly string[],
    onFull?: () => void,
  ): Tally {
    const tally = new Tally(labels, onFull);
    meter.createObservableUpDownCounter(name, options).addCallback((result) => tally.#observe(result));
    return tally;
  }

  /** Adds to the series with these label values, in order. */
  add(amount: number, ...values: readonly LabelValue[]): void {
    this.#series.of(values).total += amount;
  }

  #observe(result: { observe(value: number, attributes: Attributes): void }): void {
    for (const { total, attributes } of this.#series.all) result.observe(total, attributes);
  }
}
