import { expect, test } from 'vitest';
import type { Batch } from '../../backend/batch.ts';
import { loaded } from '../../backend/loaded.ts';
import type { SchemaModule } from '../../backend/module.ts';
import { scalar } from '../../backend/scalar.ts';
import { rest } from '../../backend/upstreams.ts';
import { failedLoaders, scalarsWithoutMeaning, wrongResolvers } from './resolvers.ts';
import { lines, reading } from './test-module.ts';

const SDL = `type Query { ok: Boolean }
type Product { id: ID! stock: Int }
interface Node { id: ID! }
scalar Money
scalar DateTime`;

const found: Batch<unknown, unknown> = { load: async () => new Map(), keyOf: String, maxSize: 1 };

const money = scalar({ parse: Number, serialize: Number });

const told = (resolvers: SchemaModule['resolvers'], sdl = SDL) => {
  const loaders = () => ({ stockById: found });
  return lines(wrongResolvers(reading('a', sdl, { resolvers, loaders })));
};

const resolve = () => null;

test.each([
  ['a type that the SDL lacks', { Prodct: { id: resolve } }, 'resolvers has Prodct, a type that the SDL lacks: '],
  [
    'a field that the SDL lacks',
    { Product: { stok: resolve } },
    'resolvers has Product.stok, a field that the SDL lacks: correct the name, or add the field',
  ],
  [
    'a loader that does not exist',
    { Product: { stock: loaded('stokById', 'id') } },
    'Product.stock is loaded with "stokById", a loader that does not exist: correct the name, or add it to loaders',
  ],
  [
    'an interface',
    { Node: { id: resolve } },
    'resolvers has fields for Node, which is no object type: take it away; a row of an abstract type says what it is in __typename',
  ],
  [
    'fields of a scalar',
    { Money: { serialize: resolve } },
    'resolvers has fields for Money, which is no object type: write scalar({ parse, serialize })',
  ],
  [
    'a scalar that the SDL lacks',
    { Cash: money },
    'resolvers has a scalar Cash, which the SDL lacks: write `scalar Cash`',
  ],
  ['a scalar for a type', { Product: money }, 'resolvers has a scalar Product, which the SDL defines otherwise: '],
])('resolvers cannot have %s', (_what, resolvers, line) => {
  expect(told(resolvers)).toEqual([expect.stringContaining(`a/index.ts: ${line}`)]);
});

test('a resolver is a function or a loaded field', () => {
  const resolvers: object = { Product: { stock: 3 } };
  expect(told({ ...resolvers })).toEqual([
    'a/index.ts: the resolver of Product.stock is no function: write a function, or loaded(…)',
  ]);
});

test('what the SDL has may be resolved, and a usual scalar may get another meaning', () => {
  expect(told({ Query: { ok: resolve }, Product: { stock: loaded('stockById', 'id') }, Money: money })).toEqual([]);
  expect(told({ DateTime: money, URL: money })).toEqual([]);
});

test('where the SDL cannot be read its words are not missed, but loaders are', () => {
  expect(told({ Prodct: { id: resolve, stock: loaded('stokById', 'id') }, Cash: money }, 'type')).toEqual([
    expect.stringContaining('Prodct.stock is loaded with "stokById"'),
  ]);
});

test('a scalar of the module has a meaning, one of the usual need not', () => {
  expect(lines(scalarsWithoutMeaning(reading('a', SDL)))).toEqual([
    'a/schema.graphql:4:8: the scalar Money has no meaning: add Money: scalar({ parse, serialize }) to resolvers',
  ]);
});

test.each<[string, SchemaModule['loaders'], string]>([
  [
    'call a client',
    ({ stock }) => Reflect.apply(Reflect.get(Object(stock), 'get'), stock, ['/']),
    'stock.get is called while the loaders are made',
  ],
  ['name no upstream', ({ stok }) => Object(stok), 'there is no upstream "stok"'],
])('loaders that %s cannot be made', (_what, loaders, reason) => {
  expect(lines(failedLoaders(reading('a', SDL, { loaders, upstreams: { stock: rest() } })))).toEqual([
    `a/index.ts: the loaders cannot be made (${reason}): only declare them there; clients are called when a loader loads`,
  ]);
});

test('loaders are made without calling anybody', () => {
  const loaders: SchemaModule['loaders'] = ({ stock, ...others }) => {
    expect(others).toEqual({});
    return { stockById: { ...found, load: async () => Object(await stock) } };
  };
  expect(failedLoaders(reading('a', SDL, { loaders, upstreams: { stock: rest() } }))).toEqual([]);
});
