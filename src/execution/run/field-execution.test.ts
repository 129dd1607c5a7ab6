import { expect, test } from 'vitest';
import { guardBy } from '../../../test/support/execution/guard-by.ts';
import {
  executionOf,
  fieldOf,
  graphModule,
  nodesIn,
  selectionOf,
} from '../../../test/support/execution/hand-made-plan.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Field, RowGroup, Selection, Values } from '../plan/plan.ts';
import { FieldExecution } from './field-execution.ts';
import { FieldFailure } from './field-failure.ts';

const shop = graphModule(
  'shop',
  'type Query { product: Product } type Product { id: ID  stock(of: ID!): Int  next: Product }',
);
const product = selectionOf(shop, 'Product', [fieldOf(shop, 'Product.id')]);

type Resolve = Extract<Field['read'], { is: 'resolver' }>['resolve'];

const resolved = (resolve: Resolve, more: Partial<Field> = {}): Field =>
  fieldOf(shop, 'Product.stock', { read: { is: 'resolver', resolve }, ...more });

const next = (more: Partial<Field> = {}): Field => fieldOf(shop, 'Product.next', { selection: product, ...more });

/** Executes a field for rows: its values, failures as messages, and the row groups below it. */
const execute = async (
  field: Field,
  rows: readonly unknown[],
  { variables = {}, onGroup }: { readonly variables?: Values; readonly onGroup?: (groups: number) => void } = {},
) => {
  const groups: { readonly selection: Selection; readonly rows: RowGroup['values'] }[] = [];
  let completions = 0;
  const { execution, perform } = executionOf([field], { variables });
  const results = rows.map((): Record<string, unknown> => ({}));
  await perform(() =>
    new FieldExecution(
      execution,
      field,
      (_execution, selection, { values }) => {
        groups.push({ selection, rows: values });
        onGroup?.(groups.length);
      },
      () => {
        completions += 1;
      },
    ).execute(rows, results),
  );
  expect(completions).toBe(1);
  const values = results.map((result) => {
    const value = result[field.key];
    return value instanceof FieldFailure ? value.error.message : value;
  });
  return { values, groups };
};

test('arguments, guard, limit and resolver come in this order; guard once, limit and resolver once a row', async () => {
  const order: string[] = [];
  const log = <Value>(step: string, value: Value): Value => {
    order.push(step);
    return value;
  };
  const field = resolved(() => log('resolver', 1), {
    args: { are: 'variable' },
    nodes: nodesIn('{ stock(of: $of) }'),
    guard: guardBy(({ of }) => log(`guard of ${of}`, null)),
    limit: { quota: { limit: 1, seconds: 1 }, count: async () => log('limit', null) },
  });
  expect((await execute(field, [{}, {}], { variables: { of: 'a' } })).values).toEqual([1, 1]);
  expect(order).toEqual(['guard of a', 'limit', 'limit', 'resolver', 'resolver']);
  order.length = 0;
  const [refused] = (await execute(field, [{}], { variables: { of: null } })).values;
  expect(refused).toContain('must not be null');
  expect(order).toEqual([]);
});

test('a field that its guard refuses is neither counted nor fetched', async () => {
  const unused = () => expect.unreachable();
  const guard = guardBy(() => new Error('forbidden'));
  const field = resolved(unused, { guard, limit: { quota: { limit: 1, seconds: 1 }, count: unused } });
  expect((await execute(field, [{}, {}])).values).toEqual(['forbidden', 'forbidden']);
});

test('rows above the limit fail, and the others are resolved', async () => {
  const decisions = [new Error('limited'), null];
  const limit = { quota: { limit: 1, seconds: 1 }, count: async () => decisions.shift() ?? null };
  const field = resolved((row) => row, { limit });
  expect((await execute(field, [1, 2])).values).toEqual(['limited', 2]);
});

test('rows below a field continue as one group, in the order of the rows above', async () => {
  const rows = [{ next: { id: 'a' } }, { next: null }, { next: { id: 'b' } }];
  const { values, groups } = await execute(next(), rows);
  expect(values).toEqual([{ id: null }, null, { id: null }]);
  expect(groups).toEqual([{ selection: product, rows: [{ id: 'a' }, { id: 'b' }] }]);
});

test('promises that settle in one tick continue as one group, and a slow one delays no other', async () => {
  const slow = Promise.withResolvers();
  const rows = [
    { next: Promise.resolve('a') },
    { next: slow.promise },
    { next: Promise.resolve('b') },
    { next: 'now' },
  ];
  const onGroup = (groups: number): void => {
    if (groups === 2) slow.resolve('late');
  };
  const { groups } = await execute(next(), rows, { onGroup });
  expect(groups.map((group) => group.rows)).toEqual([['now'], ['a', 'b'], ['late']]);
});

test('a rejected promise fails its row alone', async () => {
  const field = resolved((row) => (row === 'bad' ? Promise.reject(new Error('down')) : Promise.resolve(1)));
  expect((await execute(field, ['good', 'bad'])).values).toEqual([1, 'down']);
});

test('a backend’s "not found" is null where a field may be absent, and else a failure', async () => {
  const at = { upstream: 'shop.stock', route: 'GET /stock' };
  const notFound = new UpstreamError('NOT_FOUND', at, 'status 404');
  const ways: Resolve[] = [
    () => notFound,
    () => Promise.reject(notFound),
    () => {
      throw notFound;
    },
  ];
  for (const resolve of ways) {
    expect((await execute(resolved(resolve, { mayBeAbsent: true }), [{}])).values).toEqual([null]);
    expect((await execute(resolved(resolve), [{}])).values).toEqual([notFound.message]);
  }
});

test('rows that have only their key continue in the selection that completes them', async () => {
  const completing = selectionOf(shop, 'Product', []);
  const references = [{ keys: ['id'], names: ['id'], loader: 'products', selection: () => completing }];
  const field = next({ shape: { nonNull: false, is: 'object', selection: { ...product, references } } });
  const { groups } = await execute(field, [{ next: { id: 'a' } }, { next: { id: 'b', name: 'complete' } }]);
  expect(groups.map(({ selection, rows }) => [selection === completing, rows])).toEqual([
    [true, [{ id: 'a' }]],
    [false, [{ id: 'b', name: 'complete' }]],
  ]);
});
