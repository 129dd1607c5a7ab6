import { expect, test } from 'vitest';
import { seeded } from '../../../test/support/random/seeded.ts';
import { keyTable } from './key-table.ts';

const random = seeded(7);
const randomId = (): string =>
  Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');

test('a table has the values of a Map with the same entries, set at the start or later', () => {
  for (const count of [0, 1, 2, 3, 4, 5, 16, 500]) {
    const map = new Map(Array.from({ length: count }, (_, at) => [randomId(), at] as const));
    const table = keyTable(map);
    for (let at = 0; at < 200; at += 1) {
      const id = randomId();
      table.set(id, at);
      map.set(id, at);
    }
    expect(table.size).toBe(map.size);
    for (const [id, value] of map) expect([table.has(id), table.get(id)]).toEqual([true, value]);
    for (const id of ['', '!', '~', ...Array.from({ length: 200 }, randomId)])
      expect([table.has(id), table.get(id)]).toEqual([map.has(id), map.get(id)]);
  }
});

/** Number of comparisons of `id` with other ids during its lookup. */
const comparisons = (table: { get(id: string): unknown }, id: string): number => {
  let count = 0;
  const counted: unknown = {
    toString: () => {
      count += 1;
      return id;
    },
  };
  // An object is converted to a string at each comparison by order.
  table.get(counted as string);
  return count;
};

test('the lookup of an unknown id takes as many comparisons as that of a known one', () => {
  for (const count of [2, 3, 100, 1_000]) {
    const known = Array.from({ length: count }, randomId);
    const table = keyTable(new Map(known.map((id) => [id, id])));
    const counts = [...known, '', '~', ...Array.from({ length: 1_000 }, randomId)].map((id) => comparisons(table, id));
    expect(new Set(counts)).toEqual(new Set([Math.ceil(Math.log2(table.size))]));
  }
});
