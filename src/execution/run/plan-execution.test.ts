import { expect, test, vi } from 'vitest';
import { guardBy } from '../../../test/support/execution/guard-by.ts';
import {
  executionOf,
  fieldOf,
  graphModule,
  nodesIn,
  operationIn,
} from '../../../test/support/execution/hand-made-plan.ts';
import type { Decision } from '../graph.ts';
import { InputError } from '../input-error.ts';
import type { Field } from '../plan/plan.ts';

const SDL = 'enum Size { BIG } type Query { item(id: ID!, size: Size): Int }';
const shop = graphModule('shop', SDL);

const item = (more: Partial<Field> = {}): Field => fieldOf(shop, 'Query.item', more);

/** A field with the variables `$id` and `$size` as arguments. */
const withVariables = (more: Partial<Field> = {}): Field =>
  item({ args: { are: 'variable' }, nodes: nodesIn('{ item(id: $id, size: $size) }'), ...more });

/** Decides on a field; the refusal or null. */
const decided = (field: Field, execution: ReturnType<typeof executionOf>['execution']) =>
  new Promise<Decision>((resolve) => execution.decide(field, resolve));

test('a field with neither guard nor variables is allowed immediately', () => {
  let refusal: Decision | undefined;
  executionOf([item()]).execution.decide(item(), (decision) => {
    refusal = decision;
  });
  expect(refusal).toBeNull();
});

test('a guard receives the arguments and decides once for all rows', async () => {
  const seen: unknown[] = [];
  const field = withVariables({
    guard: guardBy((args) => {
      seen.push(args);
      return new Error('forbidden');
    }),
  });
  const { execution } = executionOf([field], { variables: { id: 'a' } });
  const first = await decided(field, execution);
  expect(first).toMatchObject({ message: 'forbidden' });
  expect(await decided(field, execution)).toBe(first);
  expect(seen).toEqual([{ id: 'a' }]);
});

test('invalid arguments are refused before the guard, as an error of the client', async () => {
  const field = withVariables({
    guard: guardBy(() => {
      throw new Error('called');
    }),
  });
  const { execution } = executionOf([field], { variables: { id: null } });
  expect(await decided(field, execution)).toMatchObject({ originalError: expect.any(InputError) });
});

test('a guard that throws or rejects refuses', async () => {
  const throwing = item({
    guard: guardBy(() => {
      throw new Error('thrown');
    }),
  });
  const rejecting = item({ guard: guardBy(() => Promise.reject(new Error('rejected'))) });
  const { execution, perform } = executionOf([throwing, rejecting]);
  const messages: unknown[] = [];
  await perform(() => {
    for (const field of [throwing, rejecting])
      execution.decide(field, (refusal) => messages.push(refusal instanceof Error && refusal.message));
  });
  expect(messages).toEqual(['thrown', 'rejected']);
});

test('an execution ends after its last pending step', async () => {
  const { execution, perform } = executionOf([item()]);
  const order: string[] = [];
  await perform(() => {
    execution.addPending();
    execution.addPending();
    void Promise.resolve().then(() => {
      execution.resume(() => order.push('first'));
      execution.resume(() => order.push('second'));
    });
  });
  expect(order).toEqual(['first', 'second']);
});

test('a bug in a step is reported and ends the execution', async () => {
  const { execution, perform } = executionOf([item()]);
  const bug = perform(() => {
    throw new Error('bug');
  });
  await expect(bug).rejects.toThrow('bug');
  const later = vi.fn();
  execution.resume(later);
  expect(later).not.toHaveBeenCalled();
});

test('an execution ends when its budget runs out, without a result and without a bug', () => {
  const { execution } = executionOf([item()], { budget: { take: () => 'spent', look: () => null } });
  const later = vi.fn();
  execution.perform(() => execution.take(1), later);
  execution.resume(later);
  expect(later).not.toHaveBeenCalled();
});

test('a failed value counts as a failure of the response, a failed join input does not', () => {
  const { execution } = executionOf([item()]);
  execution.fail(item({ joins: [] }), new Error('down'));
  expect(execution.failures).toBe(0);
  const failure = execution.fail(item(), 'text');
  expect(execution.failures).toBe(1);
  expect(execution.fail(item(), failure)).toBe(failure);
});

test('arguments from variables are coerced once, with the internal values of the module’s enums', () => {
  const [definition] = operationIn('query ($size: Size) { item }').variableDefinitions ?? [];
  if (definition === undefined) throw new Error('No variable.');
  const size = shop.schema.getType('Size');
  Object.assign(Object(Reflect.get(Object(size), 'getValue').call(size, 'BIG')), { value: 100 });
  const field = withVariables();
  const { execution } = executionOf([field], {
    variables: { id: 'a', size: 'BIG' },
    plan: { variablesOf: () => [definition] },
  });
  expect(execution.argumentsOf(field)).toEqual({ id: 'a', size: 100 });
  expect(execution.argumentsOf(field)).toBe(execution.argumentsOf(field));
});
