import { expect, test } from 'vitest';
import type { SchemaModule } from '../../backend/module.ts';
import { wrongMerge } from './merge.ts';
import { lines, reading } from './test-module.ts';

const SDL = `type Query { ok: Boolean }
type Product { id: ID! size: Size price(in: String): Int }
type Size { width: Int }
enum Status { NEW }`;

const told = (merge: SchemaModule['merge'], rest: Partial<SchemaModule> = {}) =>
  lines(wrongMerge(reading('a', SDL, { merge, ...rest })));

test.each([
  [
    'a type that the SDL lacks',
    { Prodct: { key: 'id' } },
    'a/index.ts: merge names Prodct, which the SDL does not define: correct the name, or define the type with its key fields',
  ],
  [
    'a root type',
    { Query: { key: 'ok' } },
    'a/index.ts: merge names Query, whose fields are joined anyway: take Query',
  ],
  ['an enum', { Status: { key: 'NEW' } }, 'a/index.ts: merge names Status, which is no object type: take Status out'],
  [
    'a key that the type lacks',
    { Product: { key: ['id', 'sku'] } },
    'a/index.ts: the key of Product in merge is sku, a field that Product does not have: correct the name, or add sku to',
  ],
  ['a key of nothing', { Product: { key: [] } }, 'a/index.ts: the key of Product in merge names no field: name those'],
  [
    'a key with arguments',
    { Product: { key: 'price' } },
    'a/schema.graphql:2:35: Product.price is a key and has arguments: join by another field',
  ],
  [
    'a key that is an object',
    { Product: { key: 'size' } },
    'a/schema.graphql:2:24: Product.size is a key and is no scalar or enum: join by another field',
  ],
  [
    'a loader that does not exist',
    { Product: { key: 'id', load: 'productById' } },
    'a/index.ts: merge loads Product with "productById", a loader that does not exist: correct the name, or add it',
  ],
])('merge cannot name %s', (_what, merge, line) => {
  expect(told(merge)).toEqual([expect.stringContaining(line)]);
});

test('of loaders that cannot be made none is missed', () => {
  const loaders = () => {
    throw new Error('no');
  };
  expect(told({ Product: { key: 'id', load: 'productById' } }, { loaders })).toEqual([]);
});

test('a type that nobody else has may be merged: somebody will have it one day', () => {
  expect(told({ Product: { key: 'id' } })).toEqual([]);
});
