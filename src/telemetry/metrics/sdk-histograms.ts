import { type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type HistogramMetricData,
  type MetricProducer,
  type Histogram as SdkHistogram,
} from '@opentelemetry/sdk-metrics';
import { wallTime } from '../../core/clock.ts';
import { SCOPE } from '../names.ts';
import type { Histogram, Histograms, SeriesReading } from './histogram.ts';

/** A reader of histograms. */
export interface HistogramReader {
  /** Index from 0. */
  readonly reader: number;
  readonly temporality: AggregationTemporality;
}

const pointOf = (
  { attributes, distribution: { since, counts, count, sum, min, max } }: SeriesReading,
  boundaries: readonly number[],
  endTime: HrTime,
): DataPoint<SdkHistogram> => ({
  attributes,
  startTime: since === null ? endTime : millisToHrTime(since),
  endTime,
  // Copies, because exporters may send them later.
  value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, count, sum, min, max },
});

const dataOf = (histogram: Histogram, { reader, temporality }: HistogramReader, endTime: HrTime) => {
  const { name, description, unit, boundaries } = histogram.options;
  const isDelta = temporality === AggregationTemporality.DELTA;
  const readings = isDelta ? histogram.readNew(reader) : histogram.readAll(reader);
  const data: HistogramMetricData = {
    descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: temporality,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: readings.map((reading) => pointOf(reading, boundaries, endTime)),
  };
  return data.dataPoints.length === 0 ? [] : [data];
};

/** Adds the gateway's own histograms to the metrics that a reader of the SDK collects. */
export const histogramProducer = (
  histograms: Histograms,
  reader: HistogramReader,
  resource: Resource,
): MetricProducer => ({
  collect: async () => {
    const endTime = millisToHrTime(wallTime());
    const metrics = histograms.all.flatMap((histogram) => dataOf(histogram, reader, endTime));
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: SCOPE, version: '' }, metrics }];
    return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
  },
});
