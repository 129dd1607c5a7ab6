import type { Attributes, Observable } from '@opentelemetry/api';
import { type LabelValue, SeriesByLabels } from './series.ts';

/**
 * A counter that adds with one map lookup for each label, and is exported when metrics are read.
 *
 * `instrument` is an observable counter, or an up-down counter if the sum may decrease. `labels` names its attributes.
 * The number of series is bounded.
 */
export class Tally {
  readonly #series: SeriesByLabels<{ readonly attributes: Attributes; total: number }>;

  constructor(instrument: Observable, labels: readonly string[], onFull?: () => void) {
    this.#series = new SeriesByLabels(labels, (attributes) => ({ attributes, total: 0 }), onFull);
    instrument.addCallback((result) => {
      for (const { total, attributes } of this.#series.all) result.observe(total, attributes);
    });
  }

  /** Adds to the series with these label values, in order. */
  add(amount: number, ...values: readonly LabelValue[]): void {
    this.#series.of(values).total += amount;
  }
}
