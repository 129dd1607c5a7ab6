import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch, byKey, groupBy } from './batch.ts';

interface Row {
  readonly id: string;
  readonly name: string;
}

const rowOf = (id: string): Row => ({ id, name: `name of ${id}` });

/** Requested ids, and an answer in any order with missing, repeated and unrequested rows. */
const answers = fc
  .record({ asked: fc.uniqueArray(fc.string()), others: fc.array(fc.string()) })
  .chain(({ asked, others }) =>
    fc.record({ asked: fc.constant(asked), answered: fc.array(fc.constantFrom('', ...asked, ...others)) }),
  );

test('byKey: each key finds its own row or nothing, whatever the order, gaps and repetitions of the answer', () => {
  fc.assert(
    fc.property(answers, ({ asked, answered }) => {
      const found = byKey(answered.map(rowOf), 'id');
      for (const id of asked) expect(found.get(id)).toEqual(answered.includes(id) ? rowOf(id) : undefined);
    }),
  );
});

test('byKey: distinct keys find the same rows together as one by one, whatever the order, gaps and repetitions', () => {
  fc.assert(
    fc.property(answers, fc.boolean(), ({ asked, answered }, isInOrder) => {
      const rows = isInOrder ? asked.filter((key) => answered.includes(key)) : answered;
      const found = byKey(rows.map(rowOf), 'id');
      expect(found.all(asked)).toEqual(asked.map((key) => found.get(key)));
    }),
  );
});

test('byKey reads the key of a row once if the rows have the order of the keys', () => {
  const read: string[] = [];
  const keyOf = ({ id }: Row): string => {
    read.push(id);
    return id;
  };
  const rows = ['a', 'c'].map(rowOf);
  expect(byKey(rows, keyOf).all(['a', 'c', 'd'])).toEqual([...rows, undefined]);
  expect(read).toEqual(['a', 'c']);
});

test('groupBy: each key finds all of its rows in the order of the answer, or an empty list', () => {
  fc.assert(
    fc.property(answers, ({ asked, answered }) => {
      const rows = answered.map((owner, number) => ({ owner, number }));
      const found = groupBy(rows, 'owner');
      for (const id of asked) expect(found.get(id)).toEqual(rows.filter(({ owner }) => owner === id));
    }),
  );
});

test('byKey keeps the first of two rows with the same key', () => {
  expect(
    byKey(
      [
        { id: 'a', n: 1 },
        { id: 'a', n: 2 },
      ],
      'id',
    ).get('a'),
  ).toEqual({ id: 'a', n: 1 });
});

test('byKey and groupBy accept a function that computes the key of a row', () => {
  const rows = [{ sku: 'a', region: 'eu' }];
  const keyOf = ({ sku, region }: (typeof rows)[number]) => `${region}/${sku}`;
  expect(byKey(rows, keyOf).get('eu/a')).toBe(rows[0]);
  expect(groupBy(rows, keyOf).get('eu/a')).toEqual(rows);
  expect(groupBy(rows, keyOf).get('us/a')).toEqual([]);
});

test('names of JavaScript such as "constructor" are ordinary keys', () => {
  const rows = ['__proto__', 'constructor', 'toString'].map(rowOf);
  for (const row of rows) expect(byKey(rows, 'id').get(row.id)).toBe(row);
  const none: readonly Row[] = [];
  expect(byKey(none, 'id').get('constructor')).toBeUndefined();
  expect(groupBy(none, 'id').get('toString')).toEqual([]);
});

test('the defaults of a batch: no size limit, and each key is its own scalar', () => {
  const { maxSize, keyOf } = batch(async (_ids: readonly string[]) => new Map<string, Row>());
  expect(maxSize).toBe(Number.POSITIVE_INFINITY);
  expect(keyOf('a')).toBe('a');
});

test('a batch of object keys uses the option key', () => {
  const { maxSize, keyOf } = batch(async (_keys: readonly { a: number }[]) => new Map<string, Row>(), {
    key: ({ a }) => `#${a}`,
    maxSize: 7,
  });
  expect([keyOf({ a: 1 }), maxSize]).toEqual(['#1', 7]);
});
