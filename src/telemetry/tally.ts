import type { Attributes, Meter, MetricOptions } from '@opentelemetry/api';
import { type LabelValue, SeriesByLabels } from './series.ts';

/**
 * A counter that is read when metrics are read: an addition costs a look into a map, and not what the SDK does for each of its own.
 *
 * `labels` names its attributes. The series that they make are bounded.
 */
export class Tally {
  readonly #series: SeriesByLabels<{ readonly attributes: Attributes; total: number }>;

  private constructor(labels: readonly string[], onFull?: () => void) {
    this.#series = new SeriesByLabels(labels, (attributes) => ({ attributes, total: 0 }), onFull);
  }

  /** One that only grows. */
  static counter(
    meter: Meter,
    name: string,
    options: MetricOptions,
    labels: readonly string[],
    onFull?: () => void,
  ): Tally {
    const tally = new Tally(labels, onFull);
    meter.createObservableCounter(name, options).addCallback((result) => tally.#tell(result));
    return tally;
  }

  /** One that may shrink again. */
  static level(
    meter: Meter,
    name: string,
    options: MetricOptions,
    labels: readonly string[],
    onFull?: () => void,
  ): Tally {
    const tally = new Tally(labels, onFull);
    meter.createObservableUpDownCounter(name, options).addCallback((result) => tally.#tell(result));
    return tally;
  }

  /** Adds to the series with these values of the labels, in their order. */
  add(amount: number, ...values: readonly LabelValue[]): void {
    this.#series.of(values).total += amount;
  }

  #tell(result: { observe(value: number, attributes: Attributes): void }): void {
    for (const { total, attributes } of this.#series.all) result.observe(total, attributes);
  }
}
