import { isAbstractType } from 'graphql';
import { expect, test } from 'vitest';
import { fieldOf, graphModule, selectionOf } from '../../../test/support/execution/hand-made-plan.ts';
import { RecordingSink } from '../../../test/support/execution/recording-sink.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Shape } from '../plan/plan.ts';
import { complete } from './complete-value.ts';
import { FieldFailure } from './field-failure.ts';

const SDL = `
  type Query { numbers: [[Int!]]  count: Int!  book: Book  item: Item }
  interface Item { id: ID }
  type Book implements Item { id: ID }
  type Film { id: ID }
`;
const shop = graphModule('shop', SDL);
const book = selectionOf(shop, 'Book', [fieldOf(shop, 'Book.id')]);

const type = shop.schema.getType('Item');
if (!isAbstractType(type)) throw new Error('Item is not abstract.');
const item: Shape = { nonNull: false, is: 'abstract', type, selectionOf: () => book };

/** Completes a value of a root field. Failures are shown as their errors. */
const completed = (name: string, value: unknown) => {
  const shape = name === 'item' ? { shape: item } : {};
  const sink = new RecordingSink(fieldOf(shop, `Query.${name}`, { selection: book, ...shape }));
  const result = complete(sink, sink.field.shape, value);
  return { result: result instanceof FieldFailure ? result.error : result, sink };
};

test('null is null in a nullable field and a failure in a non-null one', () => {
  expect(completed('book', undefined).result).toBeNull();
  expect(completed('count', null).result).toMatchObject({
    message: 'Cannot return null for non-nullable field Query.count.',
  });
});

test('an Error as a value is a failure with this error', () => {
  const error = new Error('sold out');
  expect(completed('count', error).result).toBe(error);
});

test('a value that its scalar cannot serialise is UPSTREAM_BAD_RESPONSE, and the message does not contain it', () => {
  const { result } = completed('count', 'secret');
  expect(result).toBeInstanceOf(GatewayError);
  expect(result).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: 'A value does not fit Int.' });
});

test('each item of a list is completed, and one that fails leaves the others alone', () => {
  const { result, sink } = completed('numbers', [[1, null, '2'], null]);
  expect(result).toEqual([[1, sink.failures[0], 2], null]);
  expect(sink.failures).toHaveLength(1);
});

test('any iterable object is a list; a string is not', () => {
  expect(completed('numbers', new Set([[1]])).result).toEqual([[1]]);
  expect(completed('numbers', 'text').result).toMatchObject({
    message: 'Expected Iterable, but did not find one for field "Query.numbers".',
  });
});

test('a promised item is null until it arrives, and is expected with the shape of an item', () => {
  const promise = Promise.resolve([1]);
  const { result, sink } = completed('numbers', [[0], promise]);
  expect(result).toEqual([[0], null]);
  expect(sink.expected).toEqual([{ promise, shape: expect.objectContaining({ is: 'list' }) }]);
});

test('an object becomes the result object of its selection', () => {
  expect(completed('book', { id: 1 }).result).toEqual({ type: 'Book', value: { id: 1 } });
});

test('__typename of a row decides the selection of an abstract type, which the execution remembers', () => {
  const { result, sink } = completed('item', { __typename: 'Book' });
  expect(result).toMatchObject({ type: 'Book' });
  expect(sink.execution.selections.get(Object(result))).toBe(book);
});

test('a row of an abstract type without a possible __typename is a failure', () => {
  for (const name of ['Film', 'Unknown', undefined])
    expect(completed('item', { __typename: name }).result).toMatchObject({
      message: `__typename of a value of Query.item is ${name}: return the name of a type of Item.`,
    });
});
