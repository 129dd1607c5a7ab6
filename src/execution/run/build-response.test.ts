import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { errorLines } from '../../../test/support/execution/compiled-plan.ts';
import {
  executionOf,
  fieldOf,
  graphModule,
  nodesIn,
  selectionOf,
} from '../../../test/support/execution/hand-made-plan.ts';
import type { Field } from '../plan/plan.ts';
import { buildResponse, nullsResponse } from './build-response.ts';

const shop = graphModule(
  'shop',
  `type Query { orders: [Order]  strict: [Order!]  must: Order! }
   type Order { note: String  must: Int!  next: Order }`,
);
const note = fieldOf(shop, 'Order.note');
const must = fieldOf(shop, 'Order.must');
const order = selectionOf(shop, 'Order', [note, must]);

const root = (name: string, more: Parameters<typeof fieldOf>[2] = {}): Field =>
  fieldOf(shop, `Query.${name}`, { selection: order, ...more });

/** The response to these root fields. `data` makes the values that execution leaves behind. */
const built = (
  fields: readonly Field[],
  data: (fail: (field: Field, error: unknown) => unknown) => Record<string, unknown>,
) => {
  const { execution } = executionOf(fields);
  Object.assign(
    execution.data,
    data((field, error) => execution.fail(field, error)),
  );
  return { execution, response: buildResponse(execution) };
};

test('without failures the result objects are the response', () => {
  const { execution, response } = built([root('orders')], () => ({ orders: [{ note: 'a', must: 1 }] }));
  expect(response).toEqual({ data: { orders: [{ note: 'a', must: 1 }] } });
  expect(response.data).toBe(execution.data);
});

test('a failed nullable field is null, with an error at its path', () => {
  const { response } = built([root('orders')], (fail) => ({
    orders: [
      { note: 'a', must: 1 },
      { note: fail(note, new Error('down')), must: 2 },
    ],
  }));
  expect(response.data).toEqual({
    orders: [
      { note: 'a', must: 1 },
      { note: null, must: 2 },
    ],
  });
  expect(errorLines(response)).toEqual(['orders.1.note: down']);
});

test('a failed non-null field makes the nearest nullable parent null: the item, the list or the response', () => {
  const failing = (fail: (field: Field, error: unknown) => unknown) => ({
    note: 'a',
    must: fail(must, new Error('down')),
  });
  const { response } = built([root('orders'), root('strict'), root('orders', { key: 'rest' })], (fail) => ({
    orders: [failing(fail), { note: 'b', must: 1 }],
    strict: [failing(fail), { note: 'b', must: 1 }],
    rest: [],
  }));
  expect(response.data).toEqual({ orders: [null, { note: 'b', must: 1 }], strict: null, rest: [] });
  expect(errorLines(response)).toEqual(['orders.0.must: down', 'strict.0.must: down']);
  expect(built([root('must')], (fail) => ({ must: failing(fail) })).response.data).toBeNull();
});

test('errors are in document order, and fields after one that nulls their parent are not reported', () => {
  const first = selectionOf(shop, 'Order', [must, note]);
  const { response } = built([root('orders', { selection: first })], (fail) => ({
    orders: [
      { note: fail(note, new Error('n0')), must: fail(must, new Error('m0')) },
      { must: 1, note: fail(note, new Error('n1')) },
    ],
  }));
  expect(response.data).toEqual({ orders: [null, { must: 1, note: null }] });
  expect(errorLines(response)).toEqual(['orders.0.must: m0', 'orders.1.note: n1']);
});

test('one error that fails many rows is repeated at each of their paths', () => {
  const error = new Error('down');
  const { response } = built([root('orders')], (fail) => ({
    orders: [1, 2].map((value) => ({ note: fail(note, error), must: value })),
  }));
  expect(errorLines(response)).toEqual(['orders.0.note: down', 'orders.1.note: down']);
  expect(response.errors?.map(({ originalError }) => originalError)).toEqual([error, error]);
});

test('an error has the locations of its field, five at most; an error of an argument has its own', () => {
  const many = root('orders', { nodes: nodesIn('{ a: orders b: orders c: orders d: orders e: orders f: orders }') });
  const located = (error: Error) => built([many], (fail) => ({ orders: fail(many, error) })).response.errors?.[0];
  expect(located(new Error('down'))?.locations).toHaveLength(5);
  const [argument] = nodesIn('{ orders(first: 1) { must } }');
  expect(located(new GraphQLError('too many', { nodes: argument ?? null }))?.nodes).toEqual([argument]);
});

test('nullsResponse is true only for a failure that reaches the root', () => {
  const [nullable, strict] = [root('orders'), root('must')];
  const { execution } = built([nullable, strict], (fail) => ({
    orders: fail(nullable, new Error('down')),
    must: fail(strict, new Error('down')),
  }));
  expect([nullable, strict].map((field) => nullsResponse(execution, field))).toEqual([false, true]);
});
