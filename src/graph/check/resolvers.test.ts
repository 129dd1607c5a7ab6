import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import type { Batch } from '../../backend/define/batch.ts';
import { loaded } from '../../backend/define/loaded.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { scalar } from '../../backend/define/scalars/scalar.ts';
import { rest } from '../../backend/define/upstream-options.ts';
import { failedLoaders, undefinedScalars, wrongResolvers } from './resolvers.ts';

const SDL = `type Query { ok: Boolean }
type Product implements Node & Item { id: ID! stock: Int }
interface Node { id: ID! }  interface Item { id: ID! }  interface Lone { id: ID! }  union Found = Product
scalar Money
scalar DateTime`;

const found: Batch<unknown, unknown> = { load: async () => new Map(), keyOf: String, maxSize: 1 };

const money = scalar({ parse: Number, serialize: Number });

const problemsOf = (resolvers: SchemaModule['resolvers'], sdl = SDL) => {
  const loaders = () => ({ stockById: found });
  return lines(wrongResolvers(reading('a', sdl, { resolvers, loaders })));
};

const resolve = () => null;

test.each([
  [
    'a type that is not in the SDL',
    { Prodct: { id: resolve } },
    'resolvers has Prodct, a type that is not in the SDL: ',
  ],
  [
    'a field that is not in the SDL',
    { Product: { stok: resolve } },
    'resolvers has Product.stok, a field that is not in the SDL: correct the name, or add the field',
  ],
  [
    'an unknown loader',
    { Product: { stock: loaded('stokById', 'id') } },
    'Product.stock is loaded with "stokById", a loader that does not exist: correct the name, or add it to loaders',
  ],
  [
    'a union',
    { Found: { id: resolve } },
    'resolvers has fields for Found, which is not an object type: remove it; set __typename in the rows of an abstract type',
  ],
  [
    '__resolveType of an interface',
    { Node: { __resolveType: resolve } },
    'resolvers has fields for Node, which is not an object type: remove it; set __typename in the rows of an abstract type',
  ],
  [
    'a field that the interface does not have',
    { Node: { stock: resolve } },
    'resolvers has Node.stock, a field that is not in the SDL: correct the name, or add the field',
  ],
  [
    'an interface that no type implements',
    { Lone: { id: resolve } },
    'resolvers has Lone.id, which no type uses: remove it, or let a type without an own resolver implement Lone',
  ],
  [
    'an interface, while each type has its own resolver',
    { Node: { id: resolve }, Product: { id: resolve } },
    'resolvers has Node.id, which no type uses: ',
  ],
  [
    'two interfaces for one field of a type',
    { Node: { id: resolve }, Item: { id: resolve } },
    'Product.id has resolvers of Node and Item: write the resolver of Product.id',
  ],
  [
    'an unknown loader at an interface',
    { Node: { id: loaded('stokById', 'id') } },
    'Node.id is loaded with "stokById", a loader that does not exist: correct the name, or add it to loaders',
  ],
  [
    'fields of a scalar',
    { Money: { serialize: resolve } },
    'resolvers has fields for Money, which is not an object type: write scalar({ parse, serialize })',
  ],
  [
    'a scalar that is not in the SDL',
    { Cash: money },
    'resolvers has a scalar Cash, which is not in the SDL: write `scalar Cash`',
  ],
  ['a scalar for a type', { Product: money }, 'resolvers has a scalar Product, which is no scalar in the SDL: '],
])('resolvers with %s is rejected', (_what, resolvers, line) => {
  expect(problemsOf(resolvers)).toEqual([expect.stringContaining(`a/index.ts: ${line}`)]);
});

test('a resolver that is neither a function nor loaded(…) is rejected', () => {
  const resolvers: object = { Product: { stock: 3 } };
  expect(problemsOf({ ...resolvers })).toEqual([
    'a/index.ts: the resolver of Product.stock is not a function: write a function, or loaded(…)',
  ]);
});

test('definitions of the SDL may have resolvers, and a built-in scalar may be replaced', () => {
  expect(problemsOf({ Query: { ok: resolve }, Product: { stock: loaded('stockById', 'id') }, Money: money })).toEqual(
    [],
  );
  expect(problemsOf({ DateTime: money, URL: money })).toEqual([]);
});

test('an SDL with a syntax error hides unknown types and fields, but not unknown loaders', () => {
  expect(problemsOf({ Prodct: { id: resolve, stock: loaded('stokById', 'id') }, Cash: money }, 'type')).toEqual([
    expect.stringContaining('Prodct.stock is loaded with "stokById"'),
  ]);
});

test('a scalar of the module needs a definition, a built-in one does not', () => {
  expect(lines(undefinedScalars(reading('a', SDL)))).toEqual([
    'a/schema.graphql:4:8: the scalar Money has no definition: add Money: scalar({ parse, serialize }) to resolvers',
  ]);
});

test.each<[string, SchemaModule['loaders'], string]>([
  [
    'calls a client',
    ({ stock }) => Reflect.apply(Reflect.get(Object(stock), 'get'), stock, ['/']),
    'stock.get was called in loaders()',
  ],
  ['reads an unknown upstream', ({ stok }) => Object(stok), 'unknown upstream "stok"'],
])('loaders() that %s is rejected', (_what, loaders, reason) => {
  expect(lines(failedLoaders(reading('a', SDL, { loaders, upstreams: { stock: rest() } })))).toEqual([
    `a/index.ts: loaders() failed (${reason}): only declare loaders there, and call clients in their load functions`,
  ]);
});

test('the check of loaders() calls no upstream', () => {
  const loaders: SchemaModule['loaders'] = ({ stock, ...others }) => {
    expect(others).toEqual({});
    return { stockById: { ...found, load: async () => Object(await stock) } };
  };
  expect(failedLoaders(reading('a', SDL, { loaders, upstreams: { stock: rest() } }))).toEqual([]);
});
