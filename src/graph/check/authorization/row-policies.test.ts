import { describe, expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import type { SchemaModule } from '../../../backend/define/module.ts';
import { rowPolicy } from '../../../backend/define/row-policy.ts';
import { unreachableRows, wrongRowPolicies } from './row-policies.ts';

// biome-ignore lint/suspicious/noExplicitAny: outside a module the compiler knows no rows
const member = (type = 'Order', needs = ['team']): any => rowPolicy(type, needs, () => true);

const ofOne = (sdl: string, policies: SchemaModule['policies'] = { member: member() }, more = {}) =>
  lines(wrongRowPolicies(reading('shop', sdl, { policies, ...more })));

const USE = '@policy(policies: [["member"]])';

describe('a row policy', () => {
  test('on a field of its type, and on the type, is no problem', () => {
    expect(ofOne(`type Order { team: ID  total: Int ${USE} }  extend type Order ${USE} { late: Int }`)).toEqual([]);
  });

  test.each([
    [`type Query { order: Order ${USE} } type Order { team: ID }`, '1:27'],
    [`type Query { a(by: ID ${USE}): Int } type Order { team: ID }`, '1:23'],
    [`input In { a: Int ${USE} } type Order { team: ID }`, '1:19'],
    [`enum E ${USE} { A } type Order { team: ID }`, '1:8'],
    [`interface I { a: Int ${USE} } type Order { team: ID }`, '1:22'],
    [`type Order { team: ID  a(by: ID ${USE}): Int }`, '1:33'],
  ])('is reported where there are no rows of its type: %s', (sdl, at) => {
    expect(ofOne(sdl)).toEqual([
      `shop/schema.graphql:${at}: the policy "member" decides on rows of Order, which are not there: use it on Order or its fields, or write a function`,
    ]);
  });

  test('of an unknown type is reported', () => {
    expect(ofOne('type Order { team: ID }', { member: member('Ordr') })).toEqual([
      'shop/index.ts: the policy "member" decides on rows of Ordr, which is no object type of the SDL: correct the name of the type',
    ]);
  });

  test('that needs no property of the row is reported', () => {
    const resolvers = { Order: { total: () => 1 } };
    expect(
      ofOne('type Order { team: ID  total: Int }', { member: member('Order', ['teem', 'total']) }, { resolvers }),
    ).toEqual([
      'shop/index.ts: the policy "member" needs Order.teem, a field that is not in the SDL: correct the name, or add the field',
      'shop/index.ts: the policy "member" needs Order.total, which has a resolver: name a property of the row',
    ]);
  });
});

describe('rows of another module', () => {
  const shop = reading('shop', `type Order ${USE} { id: ID!  team: ID }`, {
    policies: { member: member() },
    merge: { Order: { key: 'id', load: 'orderById' } },
  });
  const tax = (sdl: string, merge: SchemaModule['merge'][string]) =>
    lines(unreachableRows([shop, reading('tax', sdl, { merge: { Order: merge } })]));

  test('without what the policy needs are reported', () => {
    expect(tax('type Order { id: ID!  tax: Int }', { key: 'id' })).toEqual([
      "tax/schema.graphql:1:14: Order.id is under a policy of rows of Order, and rows of tax have no team: add 'team' to the needs of Order.id, or name a loader of such rows in merge of Order",
      "tax/schema.graphql:1:23: Order.tax is under a policy of rows of Order, and rows of tax have no team: add 'team' to the needs of Order.tax, or name a loader of such rows in merge of Order",
    ]);
  });

  test('that a loader returns with it, or that receive it, are no problem', () => {
    expect(tax('type Order { id: ID!  team: ID  tax: Int }', { key: 'id', load: 'taxById' })).toEqual([]);
    expect(tax('type Order { id: ID!  team: ID  tax: Int }', { key: ['id', 'team'] })).toEqual([]);
  });

  test('of a type that is computed from the guarded one are reported', () => {
    const other = reading('tax', 'type Customer { id: ID!  spent: Int }', {
      merge: { Customer: { key: 'id', needs: { spent: ['last { team }'] } } },
    });
    const customers = reading('customers', 'type Customer { id: ID!  last: Order }', {
      merge: { Customer: { key: 'id' } },
    });
    expect(lines(unreachableRows([shop, customers, other]))).toEqual([
      'tax/schema.graphql:1:26: Customer.spent is under a policy of rows of Order, and rows of tax have no team: use a policy that is a function, or guard(…) for Customer.spent',
    ]);
  });
});
