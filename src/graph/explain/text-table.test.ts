import { expect, test } from 'vitest';
import { table } from './text-table.ts';

const COLUMNS = [
  { title: 'step', most: 20 },
  { title: 'backend', most: 14 },
  { title: 'how', most: 99 },
];

test('a name longer than its column stays in one piece', () => {
  expect(table(COLUMNS, [['orders', 'customer-recommendations', 'resolver']])).toBe(
    ['step    backend                   how', 'orders  customer-recommendations  resolver'].join('\n'),
  );
});

test('a cell of several words wraps between them', () => {
  expect(table(COLUMNS, [['id, name, price, weight, stock', 'catalog', 'properties']])).toBe(
    ['step                  backend  how', 'id, name, price,      catalog  properties', 'weight, stock'].join('\n'),
  );
});

test('a name that fills the width leaves room for the columns after it', () => {
  const lines = table(COLUMNS, [['x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)]]).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  expect(lines.join('').replaceAll(/[^z]/g, '')).toBe('z'.repeat(200));
});
