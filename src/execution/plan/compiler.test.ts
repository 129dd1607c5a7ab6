import { expect, test } from 'vitest';
import { compiled, graphOf, rootField, selectionBelow } from '../../../test/support/execution/compiled-plan.ts';
import { guardBy } from '../../../test/support/execution/guard-by.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';

const SDL = `
  type Query { item(id: ID, size: Int = 1, tags: [String]): Item  items: [Item!]  any: Any }
  type Mutation { add: Item }
  union Any = Item
  type Item { id: ID!  name: String  stock: Int  next: Item }
`;

const shop = graphModule('shop', SDL, {
  resolvers: {
    Query: { item: () => null },
    Mutation: { add: () => null },
    Item: { stock: { loader: 'stockById', key: 'id', map: undefined } },
  },
});
const guard = guardBy(() => null);
const limit = { quota: { limit: 1, seconds: 1 }, count: async () => null };
const graph = graphOf(SDL, [shop], {
  guardOf: (coordinate) => (coordinate === 'Item.name' ? guard : null),
  limits: new Map([['Item.name', limit]]),
});

const field = (text: string, key: string) => rootField(compiled(graph, text), key);

test('constant arguments are coerced when the plan is compiled; arguments with a variable when it runs', () => {
  expect(field('{ item(id: 1) { id } }', 'item').args).toEqual({ are: 'constant', values: { id: '1', size: 1 } });
  expect(field('query ($id: ID) { item(id: $id) { id } }', 'item').args).toEqual({ are: 'variable' });
  expect(field('{ items { id } }', 'items').args).toEqual({ are: 'none' });
});

test('invalid constant arguments, and those that a resolver could change, are coerced when the plan runs', () => {
  expect(field('{ item(size: "big") { id } }', 'item').args).toEqual({ are: 'variable' });
  expect(field('{ item(tags: ["a"]) { id } }', 'item').args).toEqual({ are: 'variable' });
});

test('the module’s resolvers decide how a field is read', () => {
  const plan = compiled(graph, '{ item { id stock } }');
  expect(rootField(plan, 'item').read.is).toBe('resolver');
  expect(selectionBelow(plan, 'item').own.fields.map(({ read }) => read.is)).toEqual(['property', 'loaded']);
});

test('guard and limit belong to their coordinate, under any alias', () => {
  const { own } = selectionBelow(compiled(graph, '{ item { id  alias: name } }'), 'item');
  expect(own.fields.map((one) => [one.key, one.guard, one.limit])).toEqual([
    ['id', null, null],
    ['alias', guard, limit],
  ]);
});

test('"not found" may become null in nullable fields that call a backend, except in mutations', () => {
  const plan = compiled(graph, '{ item { name stock } items { id } }');
  expect(rootField(plan, 'item').mayBeAbsent).toBe(true);
  expect(rootField(plan, 'items').mayBeAbsent).toBe(false);
  expect(selectionBelow(plan, 'item').own.fields.map(({ mayBeAbsent }) => mayBeAbsent)).toEqual([false, true]);
  expect(field('mutation { add { id } }', 'add').mayBeAbsent).toBe(false);
});

test('selections of abstract types are compiled when their first rows arrive, once', () => {
  const plan = compiled(graph, '{ any { ... on Item { id name } } }');
  const { shape } = rootField(plan, 'any');
  const item = shop.schema.getType('Item');
  expect(plan.fields()).toBe(1);
  if (shape.is !== 'abstract') throw new Error('The union is not abstract.');
  const selection = shape.selectionOf(item as never); // an object type of the SDL
  expect(plan.fields()).toBe(3);
  expect(shape.selectionOf(item as never)).toBe(selection);
  expect([...selection.answers.keys()]).toEqual(['id', 'name']);
});

test('__typename is part of the plan, not a field', () => {
  const plan = compiled(graph, '{ __typename  item { kind: __typename } }');
  expect(plan.answers.get('__typename')).toBe('Query');
  expect(selectionBelow(plan, 'item').answers.get('kind')).toBe('Item');
});
