import { expect, test } from 'vitest';
import { SeriesByLabels } from './series.ts';

test('equal values of the labels share a series, different ones do not', () => {
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

test('any number of values makes a bounded number of series, the last of which is `other` in every label', () => {
  let full = 0;
  const series = new SeriesByLabels(
    ['a', 'b'],
    (attributes) => ({ attributes }),
    () => {
      full += 1;
    },
  );
  for (let n = 0; n < 10_000; n += 1) series.of([n, 'x']);
  expect(series.all).toHaveLength(2_000);
  expect(series.of([9_999, 'x'])).toBe(series.of([8_888, 'y']));
  expect(series.of([9_999, 'x']).attributes).toEqual({ a: 'other', b: 'other' });
  expect(series.of([7, 'x']).attributes).toEqual({ a: 7, b: 'x' });
  expect(full).toBe(1);
});

test('an existing series of `other` in every label receives the values beyond the bound', () => {
  const series = new SeriesByLabels(['a'], (attributes) => ({ attributes }));
  const others = series.of(['other']);
  for (let n = 0; n < 3_000; n += 1) series.of([n]);
  expect(series.of([2_999])).toBe(others);
  expect(series.all).toHaveLength(1_999);
});
