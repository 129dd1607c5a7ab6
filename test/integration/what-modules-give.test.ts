import { batch, byKey, fail } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { pathsAndCodes, plain } from '../support/modules/small-modules.ts';

/** An entity as a client library returns it: its key is a number, and the requested field a getter. */
class Product {
  id = 7;
  cents = 250;
  get price() {
    return this.cents / 100;
  }
  label() {
    return `${this.cents} cents`;
  }
}

for (const execution of EXECUTIONS) {
  test(`${execution}: a class instance as an entity keeps its getters and methods`, async () => {
    const shelf = plain('shelf', 'type Query { first: Product } type Product { id: ID! }', {
      resolvers: { Query: { first: () => ({ id: '7' }) } },
      merge: { Product: { key: 'id' } },
    });
    const prices = plain('prices', 'type Product { id: ID! price: Float label: String }', {
      merge: { Product: { key: 'id', load: 'byId' } },
      loaders: () => ({ byId: batch(async () => byKey([new Product()], ({ id }) => String(id))) as never }),
    });
    const runQuery = executedBy(execution, [shelf, prices]);
    const { data, errors } = await runQuery('{ first { id price label } }');
    expect([data, errors]).toEqual([{ first: { id: '7', price: 2.5, label: '250 cents' } }, undefined]);
  });

  test(`${execution}: details that JSON cannot encode are dropped, and the error is reported`, async () => {
    const module = plain('m', 'type Query { ok: Int wrong: Int }', {
      errors: { TOO_MANY: 'There are too many.' },
      resolvers: { Query: { ok: () => 1, wrong: () => fail('TOO_MANY', { left: 1n }) } },
    } as never);
    const { data, errors } = await executedBy(execution, [module])('{ ok wrong }');
    expect(data).toEqual({ ok: 1, wrong: null });
    expect(pathsAndCodes(errors)).toEqual(['wrong TOO_MANY']);
    expect(JSON.parse(JSON.stringify(errors))[0].extensions).not.toHaveProperty('details');
  });
}
