import { expect, test } from 'vitest';
import { testModule } from './mistakes/test-module.ts';
import { warningsIn } from './warnings.ts';

test('a field that can be refused and may not be null is warned of, also where its type or another module requires it', () => {
  const accounts = testModule(
    'accounts',
    'type Query { me: Customer } type Customer @authenticated { id: ID! name: String }',
  );
  const orders = testModule('orders', 'type Query { a: Int! @authenticated } type Customer { id: ID! total: Int! }');
  expect(warningsIn([accounts, orders]).map((line) => line.split(' ')[1])).toEqual([
    'Customer.id',
    'Query.a',
    'Customer.id',
    'Customer.total',
  ]);
});

test('what may be null, or is open to everybody, is not', () => {
  const shop = testModule('shop', 'type Query { a: Int! b: Int @authenticated }');
  expect(warningsIn([shop])).toEqual([]);
});
