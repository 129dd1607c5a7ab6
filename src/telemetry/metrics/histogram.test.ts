import { expect, onTestFinished, test, vi } from 'vitest';
import { Histograms, type SeriesReading } from './histogram.ts';

const OPTIONS = { name: 'h', description: '', unit: 's', boundaries: [1, 5, 10], labels: ['a', 'b'] };

const shown = (readings: readonly SeriesReading[]) =>
  readings.map(({ attributes, distribution: { counts, count, sum, min, max } }) => ({
    attributes,
    counts,
    count,
    sum,
    min,
    max,
  }));

test('values are counted by label into buckets that include their upper bounds', () => {
  const histogram = new Histograms(1).open(OPTIONS);
  for (const value of [0, 1, 1.1, 10, 11]) histogram.record(value, 'x', 200);
  histogram.record(5, 'x', null);
  expect(shown(histogram.readAll(0))).toEqual([
    { attributes: { a: 'x', b: 200 }, counts: [2, 1, 1, 1], count: 5, sum: 23.1, min: 0, max: 11 },
    { attributes: { a: 'x' }, counts: [0, 1, 0, 0], count: 1, sum: 5, min: 5, max: 5 },
  ]);
});

test('a cumulative reader reads all values, a delta reader the new ones', () => {
  const histogram = new Histograms(2).open(OPTIONS);
  const counts = (readings: readonly SeriesReading[]) => readings.map(({ distribution }) => distribution.count);
  histogram.record(1, 'x', 'y');
  expect(counts(histogram.readNew(1))).toEqual([1]);
  expect(counts(histogram.readNew(1))).toEqual([]);
  histogram.record(2, 'x', 'y');
  histogram.record(2, 'x', 'y');
  expect(counts(histogram.readNew(1))).toEqual([2]);
  expect(counts(histogram.readAll(0))).toEqual([3]);
});

test('a delta starts at the previous reading of the series, or after a pause at its first value', () => {
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const histogram = new Histograms(2).open(OPTIONS);
  const since = (readings: readonly SeriesReading[]) => readings.map(({ distribution }) => distribution.since);
  const readAt = (recordedMs: number | null, readMs: number) => {
    if (recordedMs !== null) {
      vi.setSystemTime(recordedMs);
      histogram.record(1, 'x', 'y');
    }
    vi.setSystemTime(readMs);
    return since(histogram.readNew(1));
  };
  expect(readAt(10, 20)).toEqual([10]);
  expect(readAt(30, 40)).toEqual([20]);
  expect(readAt(null, 60)).toEqual([]);
  expect(readAt(70, 80)).toEqual([70]);
  expect(since(histogram.readAll(0))).toEqual([10]);
});

test('NaN and negative values are not counted', () => {
  const histogram = new Histograms(1).open(OPTIONS);
  histogram.record(Number.NaN, 'x', 'y');
  histogram.record(-1, 'x', 'y');
  expect(histogram.readAll(0)).toEqual([]);
});
