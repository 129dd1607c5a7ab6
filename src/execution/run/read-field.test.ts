import { expect, test } from 'vitest';
import { fieldOf, graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import { RecordingSink } from '../../../test/support/execution/recording-sink.ts';
import { batch } from '../../backend/define/batch.ts';
import type { Field, Read } from '../plan/plan.ts';
import { FieldFailure } from './field-failure.ts';
import { readInto } from './read-field.ts';

const calls: (readonly unknown[])[] = [];
const shop = graphModule('shop', 'type Query { a: Int } type Product { id: ID  stock: Int  must: Int! }', {
  loaders: () => ({
    stockById: batch(async (ids: readonly unknown[]) => {
      calls.push(ids);
      return new Map([
        ['p1', 10],
        ['p2', 20],
      ]);
    }),
  }),
});

/** Reads a field of rows as the sink receives it. Failures are shown as their messages. */
const read = async (rows: readonly unknown[], more: Partial<Field>, coordinate = 'Product.stock') => {
  const sink = new RecordingSink(fieldOf(shop, coordinate, more));
  const results = rows.map(() => ({}));
  readInto(sink, rows, results);
  await sink.loaded;
  return results.map((result) => {
    const value: unknown = Reflect.get(result, sink.field.key);
    return value instanceof FieldFailure ? value.error.message : value;
  });
};

const loaded = (more: Partial<Extract<Read, { is: 'loaded' }>> = {}): Partial<Field> => ({
  read: {
    is: 'loaded',
    loader: 'stockById',
    keyOf: (row) => Reflect.get(Object(row), 'id'),
    keyFields: ['id'],
    select: () => {
      throw new Error('no GraphQL service');
    },
    map: undefined,
    ...more,
  },
});

const property: Partial<Field> = { read: { is: 'property' } };

test('a property is read from each row, under its alias', async () => {
  expect(await read([{ stock: 1 }, {}, 'no object'], { ...property, key: 'alias' })).toEqual([1, undefined, undefined]);
});

test('a function is called as a method of its row, with the arguments', async () => {
  const row = { base: 1, stock: (args: { plus: number }) => args.plus };
  const method = {
    base: 1,
    stock(this: { base: number }) {
      return this.base;
    },
  };
  expect(await read([row, method], { args: { are: 'constant', values: { plus: 5 } } })).toEqual([5, 1]);
});

test('a getter that throws fails its row alone', async () => {
  const hostile = {
    get stock() {
      throw new Error('no access');
    },
  };
  expect(await read([hostile, { stock: 2 }], property)).toEqual(['no access', 2]);
});

test('a resolver is called once a row, in order, with its own copy of the arguments', async () => {
  const seen: unknown[] = [];
  const values = { ids: ['a'] };
  const resolve = (row: unknown, args: unknown) => {
    seen.push(args);
    if (row === 'bad') throw new Error('failed');
    return row;
  };
  const field: Partial<Field> = { read: { is: 'resolver', resolve }, args: { are: 'constant', values } };
  expect(await read([1, 'bad', 3], field)).toEqual([1, 'failed', 3]);
  expect(seen).toEqual([values, values, values]);
  expect(new Set([values, ...seen]).size).toBe(4);
});

test('a loader is called once for all rows, with each key once; a row without a key is null', async () => {
  calls.length = 0;
  const rows = [{ id: 'p1' }, { id: null }, { id: 'p2' }, { id: 'p1' }];
  expect(await read(rows, loaded())).toEqual([10, null, 20, 10]);
  expect(calls).toEqual([['p1', 'p2']]);
});

test('no key, no call', async () => {
  calls.length = 0;
  expect(await read([{}, {}], loaded())).toEqual([null, null]);
  expect(calls).toEqual([]);
});

test('map receives the loaded value, null if there is none, and the row', async () => {
  const map = (value: unknown, row: unknown) => `${value} of ${Reflect.get(Object(row), 'id')}`;
  expect(await read([{ id: 'p1' }, { id: 'p3' }], loaded({ map }))).toEqual(['10 of p1', 'null of p3']);
});

test('nothing found is null in a nullable field and NOT_FOUND in a non-null one', async () => {
  expect(await read([{ id: 'p3' }], loaded())).toEqual([null]);
  expect(await read([{ id: 'p3' }], loaded(), 'Product.must')).toEqual(['Not found.']);
});

test('a key or a map that throws fails its row alone', async () => {
  const failing = (row: unknown) => {
    if (Reflect.get(Object(row), 'id') === 'bad') throw new Error('failed');
    return 'p1';
  };
  const rows = [{ id: 'bad' }, { id: 'good' }];
  expect(await read(rows, loaded({ keyOf: failing }))).toEqual(['failed', 10]);
  expect(await read(rows, loaded({ keyOf: () => 'p1', map: (_value, row) => failing(row) }))).toEqual(['failed', 'p1']);
});
