import type { Attributes, Meter, MetricOptions } from '@opentelemetry/api';
import { type LabelValue, SeriesByLabels } from './series.ts';

/**
 * A counter that is read when metrics are read: an addition costs a look into a map, and not what the SDK does for each of its own.
 *
 * `labels` names its attributes. Whoever adds sees to it that there are few values of each.
 */
export class Tally {
  readonly #series: SeriesByLabels<{ readonly attributes: Attributes; total: number }>;

  private constructor(labels: readonly string[]) {
    this.#series = new SeriesByLabels(labels, (attributes) => ({ attributes, total: 0 }));
  }

  /** One that only grows. */
  static counter(meter: Meter, name: string, options: MetricOptions, labels: readonly string[]): Tally {
    const tally = new Tally(labels);
    meter.createObservableCounter(name, options).addCallback((result) => tally.#tell(result));
    return tally;
  }

  /** One that may shrink again. */
  static level(meter: Meter, name: string, options: MetricOptions, labels: readonly string[]): Tally {
    const tally = new Tally(labels);
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
