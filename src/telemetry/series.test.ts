import { expect, test } from 'vitest';
import { SeriesByLabels } from './series.ts';

test('equal values of the labels find the series that they made, and no others do', () => {
  const series = new SeriesByLabels(['a', 'b'], (attributes) => ({ attributes }));
  const one = series.of(['x', 'y']);
  expect(series.of(['x', 'y'])).toBe(one);
  for (const other of [
    ['y', 'x'],
    ['x', null],
    ['x', ''],
    ['x', 1],
    ['x\ny', ''],
  ] as const)
    expect(series.of(other)).not.toBe(one);
  expect(one.attributes).toEqual({ a: 'x', b: 'y' });
  expect(series.of(['x', null]).attributes).toEqual({ a: 'x' });
  expect(series.all).toHaveLength(6);
});

test('without labels there is one series', () => {
  const series = new SeriesByLabels([], (attributes) => ({ attributes }));
  expect(series.of([])).toBe(series.of([]));
  expect(series.all).toEqual([{ attributes: {} }]);
});

test('ever new values make a bounded number of series, and what is beyond them is one', () => {
  const series = new SeriesByLabels(['a'], (attributes) => ({ attributes }));
  for (let n = 0; n < 10_000; n += 1) series.of([n]);
  expect(series.all).toHaveLength(2_000);
  expect(series.of([9_999])).toBe(series.of([8_888]));
  expect(series.of([9_999]).attributes).toEqual({ 'otel.metric.overflow': true });
  expect(series.of([7]).attributes).toEqual({ a: 7 });
});
