import { expect, test } from 'vitest';
import { compiled, graphOf, selectionBelow } from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import type { Field, Selection } from './plan.ts';

const orders = graphModule('orders', 'type Query { products: [Product] } type Product { id: ID! }', {
  merge: { Product: { key: 'id' } },
});
const catalog = graphModule(
  'catalog',
  'type Query { best: Product } type Product { id: ID!  name: String  weight: Int }',
  {
    merge: { Product: { key: 'id', load: 'products' } },
  },
);
const stock = graphModule(
  'stock',
  'type Query { count: Int } type Product { id: ID!  name: String  stock: Int  days: Int  cost: Int }',
  {
    merge: { Product: { key: 'id', needs: { days: ['weight'], cost: ['weight'] } } },
  },
);
const graph = graphOf(
  `type Query { products: [Product]  best: Product  count: Int }
   type Product { id: ID!  name: String  weight: Int  stock: Int  days: Int  cost: Int }`,
  [orders, catalog, stock],
);

const products = (fields: string): Selection =>
  selectionBelow(compiled(graph, `{ products { ${fields} } }`), 'products');

const names = (fields: readonly Field[]): string => fields.map(({ name }) => name).join(' ');

/** Each join as `module(inputs): fields [hidden fields]`. */
const joins = (selection: Selection): string[] =>
  selection.joins.map(
    ({ module, inputs, fields, hidden }) =>
      `${module.module.name}(${inputs.map(({ name }) => name).join(' ')}): ${names(fields)} [${names(hidden)}]`,
  );

test('a field of the row’s own module needs no join', () => {
  const selection = products('id');
  expect(names(selection.own.fields)).toBe('id');
  expect(joins(selection)).toEqual([]);
});

test('fields of one module share one join, and its key is a hidden field of the row', () => {
  const selection = products('weight name stock');
  expect(joins(selection)).toEqual(['catalog(id): weight name []', 'stock(id): stock []']);
  expect(names(selection.own.hidden)).toBe('id');
  // One hidden field serves both joins.
  expect(selection.own.hidden[0]?.joins).toEqual(selection.joins);
});

test('a field with needs is reached by a join of its own, and another join provides its inputs', () => {
  expect(joins(products('days'))).toEqual(['stock(id weight): days []', 'catalog(id):  [weight]']);
});

test('fields with the same needs share a join; fields without needs do not', () => {
  expect(joins(products('stock days cost'))).toEqual([
    'stock(id): stock []',
    'stock(id weight): days cost []',
    'catalog(id):  [weight]',
  ]);
  expect(joins(products('days stock'))).toContain('stock(id): stock []');
});

test('a field of two modules comes from the one whose entities have it', () => {
  expect(joins(products('name'))).toEqual(['catalog(id): name []']);
  // Entities of stock are only keys.
  expect(joins(products('stock name'))).toEqual(['stock(id): stock []', 'catalog(id): name []']);
  // The join of `days` waits for its needs.
  expect(joins(products('days name'))).toEqual(['stock(id weight): days []', 'catalog(id): name [weight]']);
});

test('a module with a loader joins by it; without one the join input is the entity', () => {
  expect(products('name stock').joins.map(({ load }) => load?.loader ?? null)).toEqual(['products', null]);
});

test('references are completed by the loader of their module unless only key fields are requested', () => {
  const best = (fields: string) => selectionBelow(compiled(graph, `{ best { ${fields} } }`), 'best');
  expect(best('id').references).toBeNull();
  const { own, joins: none, references } = best('id name');
  expect([names(own.fields), none]).toEqual(['id name', []]);
  expect(references).toMatchObject([{ loader: 'products', keys: ['id'] }]);
  const completed = references?.[0]?.selection();
  expect(names(completed?.own.fields ?? [])).toBe('id');
  expect(completed && joins(completed)).toEqual(['catalog(id): name []']);
});

test('a field that no module can provide has no plan', () => {
  const lost = graphOf('type Query { products: [Product] } type Product { id: ID!  colour: String }', [orders]);
  expect(() => compiled(lost, '{ products { colour } }')).toThrow('unreachable-field');
});
