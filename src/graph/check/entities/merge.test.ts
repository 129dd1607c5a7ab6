import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import type { SchemaModule } from '../../../backend/define/module.ts';
import { wrongMerge } from './merge.ts';

const SDL = `type Query { ok: Boolean }
type Product { id: ID! size: Size price(in: String): Int }
type Size { width: Int }
enum Status { NEW }`;

const problemsOf = (merge: SchemaModule['merge'], rest: Partial<SchemaModule> = {}) =>
  lines(wrongMerge(reading('a', SDL, { merge, ...rest })));

test.each([
  [
    'a type that is not in the SDL',
    { Prodct: { key: 'id' } },
    'a/index.ts: merge names Prodct, which the SDL does not define: correct the name, or define the type with its key fields',
  ],
  [
    'a root type',
    { Query: { key: 'ok' } },
    'a/index.ts: merge names Query, but root types are always merged: remove Query',
  ],
  [
    'an enum',
    { Status: { key: 'NEW' } },
    'a/index.ts: merge names Status, which is not an object type: remove Status from',
  ],
  [
    'a key that is not in the type',
    { Product: { key: ['id', 'sku'] } },
    'a/index.ts: the key of Product in merge is sku, a field that Product does not have: correct the name, or add sku to',
  ],
  [
    'an empty key and cache',
    { Product: { key: [], cache: { ttlMs: 1_000 } } },
    'a/index.ts: the key of Product in merge is empty, but merge has cache: name the fields that identify a row, or remove it',
  ],
  [
    'a key with arguments',
    { Product: { key: 'price' } },
    'a/schema.graphql:2:35: Product.price is a key but has arguments: use another field as key',
  ],
  [
    'a key that is an object',
    { Product: { key: 'size' } },
    'a/schema.graphql:2:24: Product.size is a key but is not a scalar or enum: use another field as key',
  ],
  [
    'an unknown loader',
    { Product: { key: 'id', load: 'productById' } },
    'a/index.ts: merge loads Product with "productById", a loader that does not exist: correct the name, or add it',
  ],
])('merge with %s is rejected', (_what, merge, line) => {
  expect(problemsOf(merge)).toEqual([expect.stringContaining(line)]);
});

test.each(['key', 'load', 'cache'])('merge of a module without types with keys and %s is rejected', (option) => {
  const values = { key: 'id', load: 'byId', cache: { ttlMs: 1_000 } };
  const merge = { keys: [{ key: 'id' }], [option]: Reflect.get(values, option) };
  expect(problemsOf({ Product: merge })).toEqual([
    `a/index.ts: merge of Product has keys and ${option}: move ${option} into one of the keys`,
  ]);
});

test('loaders() that throws hides unknown loader names', () => {
  const loaders = () => {
    throw new Error('no');
  };
  expect(problemsOf({ Product: { key: 'id', load: 'productById' } }, { loaders })).toEqual([]);
});

test('a type of a single module may be merged', () => {
  expect(problemsOf({ Product: { key: 'id' } })).toEqual([]);
});
