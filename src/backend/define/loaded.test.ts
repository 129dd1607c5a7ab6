import { expect, test } from 'vitest';
import { isLoaded, loaded } from './loaded.ts';

test('loaded() returns data: loader, key and map', () => {
  const map = (stock: { available: number } | null) => (stock?.available ?? 0) > 0;
  expect(loaded('stockById', 'id')).toEqual({ loader: 'stockById', key: 'id', map: undefined });
  expect(loaded('stockById', 'id', map)).toEqual({ loader: 'stockById', key: 'id', map });
  expect(loaded('offerByKey', ['sku', 'region']).key).toEqual(['sku', 'region']);
});

test('isLoaded distinguishes a loaded field from a resolver and a scalar', () => {
  expect(isLoaded(loaded('stockById', 'id'))).toBe(true);
  for (const other of [() => 1, null, undefined, 'stockById', {}, { loader: 'stockById' }, { key: 'id' }])
    expect(isLoaded(other)).toBe(false);
});
