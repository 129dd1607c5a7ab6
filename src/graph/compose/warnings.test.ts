import { expect, test } from 'vitest';
import { testModule } from '../../../test/support/modules/test-module.ts';
import { warningsIn } from './warnings.ts';

test('a non-null field with a requirement is warned of, also if its type or another module declares the requirement', () => {
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

test('a nullable field and a public field cause no warning', () => {
  const shop = testModule('shop', 'type Query { a: Int! b: Int @authenticated }');
  expect(warningsIn([shop])).toEqual([]);
});
