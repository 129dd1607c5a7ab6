import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

const WEIGHTS: Readonly<Record<string, number>> = { p1: 3, p2: 5 };

const catalog = plain(
  'catalog',
  'type Query { product: Product } type Product { id: ID!  weight: Int  similar: Product }',
  {
    merge: { Product: { key: 'id' } },
    resolvers: {
      Query: { product: () => ({ id: 'p1' }) },
      Product: {
        weight: (row) => WEIGHTS[String(Reflect.get(Object(row), 'id'))],
        similar: () => ({ id: 'p2' }),
      },
    },
  },
);

/** A computed field that returns the entity's own type, and one that is a value. */
const shop = plain('shop', 'type Product { id: ID!  fee: Int  successor: Product }', {
  merge: { Product: { key: 'id', needs: { fee: ['weight'], successor: ['weight'] } } },
  resolvers: {
    Product: {
      fee: (row) => Number(Reflect.get(Object(row), 'weight') ?? 0) * 10,
      successor: () => ({ id: 'p2' }),
    },
  },
});

test.each(EXECUTIONS)('%s: a computed field has its needs below a plain field of its own type', async (by) => {
  expect(await executedBy(by, [catalog, shop])('{ product { fee similar { fee } } }')).toEqual({
    data: { product: { fee: 30, similar: { fee: 50 } } },
    errors: undefined,
  });
});

test('a computed field below a computed field of its own type has its needs in a plan', async () => {
  expect(await executedBy('compiled', [catalog, shop])('{ product { successor { id fee } } }')).toEqual({
    data: { product: { successor: { id: 'p2', fee: 50 } } },
    errors: undefined,
  });
});

test('delegation reports a computed field whose needs it cannot pass, instead of a wrong value', async () => {
  const { data, errors } = await executedBy('reference', [catalog, shop])('{ product { fee successor { id fee } } }');
  expect(data).toEqual({ product: { fee: 30, successor: { id: 'p2', fee: null } } });
  expect(pathsAndCodes(errors)).toEqual(['product.successor.fee INTERNAL_SERVER_ERROR']);
});
