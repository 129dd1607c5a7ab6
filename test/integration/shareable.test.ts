import { printSchema } from 'graphql';
import { batch, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, type Execution, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const calls: string[] = [];

const IDS = ['p1', 'p2'];

/** A module that loads fields of products by id. */
const loading = (name: string, fields: string, values: Readonly<Record<string, unknown>>): SchemaModule =>
  plain(name, `type Product { id: ID!  ${fields} }`, {
    loaders: () => ({
      productById: batch(async (ids: readonly unknown[]) => {
        calls.push(`${name} ${ids.join(' ')}`);
        return new Map(ids.map((id) => [id, values]));
      }),
    }),
    merge: { Product: { key: 'id', load: 'productById' } },
  });

const shop = plain('shop', 'type Query { products: [Product!]! } type Product { id: ID! }', {
  resolvers: { Query: { products: () => IDS.map((id) => ({ id })) } },
});
const catalog = loading('catalog', 'name: String @shareable  price: Int', { name: 'Lamp', price: 3 });
const search = loading('search', 'name: String @shareable  rank: Int', { name: 'Lamp', rank: 1 });

const askedBy = (execution: Execution, ...modules: readonly SchemaModule[]) => {
  const runQuery = executedBy(execution, modules);
  return async (document: string) => {
    calls.length = 0;
    const { data, errors } = await runQuery(document);
    expect(errors).toBeUndefined();
    return { data, calls: [...calls].toSorted() };
  };
};

const each = (fields: object) => ({ products: IDS.map(() => fields) });

for (const execution of EXECUTIONS) {
  test(`${execution}: a shareable field comes from the module that is called anyway`, async () => {
    const runQuery = askedBy(execution, shop, catalog, search);
    expect(await runQuery('{ products { name price } }')).toEqual({
      data: each({ name: 'Lamp', price: 3 }),
      calls: ['catalog p1 p2'],
    });
    expect(await runQuery('{ products { name rank } }')).toEqual({
      data: each({ name: 'Lamp', rank: 1 }),
      calls: ['search p1 p2'],
    });
    expect(await runQuery('{ products { name } }')).toEqual({ data: each({ name: 'Lamp' }), calls: ['catalog p1 p2'] });
  });

  test(`${execution}: rows that have the shareable field cost no call`, async () => {
    const named = plain(
      'shop',
      'type Query { products: [Product!]! } type Product { id: ID!  name: String @shareable }',
      {
        resolvers: { Query: { products: () => IDS.map((id) => ({ id, name: 'Own' })) } },
      },
    );
    const runQuery = askedBy(execution, named, catalog, search);
    expect(await runQuery('{ products { name } }')).toEqual({ data: each({ name: 'Own' }), calls: [] });
    expect(await runQuery('{ products { name rank } }')).toEqual({
      data: each({ name: 'Own', rank: 1 }),
      calls: ['search p1 p2'],
    });
  });

  test(`${execution}: a shareable object has its fields from one module`, async () => {
    const size = 'size: Size @shareable } type Size { width: Int  height: Int';
    const [one, other] = ['one', 'other'].map((name) =>
      loading(name, `${name}: Int  ${size}`, { [name]: 5, size: { width: 1, height: 2 } }),
    ) as [SchemaModule, SchemaModule];
    const runQuery = askedBy(execution, shop, one, other);
    expect(await runQuery('{ products { other size { height width } } }')).toEqual({
      data: each({ other: 5, size: { height: 2, width: 1 } }),
      calls: ['other p1 p2'],
    });
  });

  test(`${execution}: a computed field needs a shareable one of the module that is called anyway`, async () => {
    const labels = plain('labels', 'type Product { id: ID!  label: String }', {
      merge: { Product: { key: 'id', needs: { label: ['name'] } } },
      resolvers: { Product: { label: (row) => `<${Reflect.get(Object(row), 'name')}>` } },
    });
    const runQuery = askedBy(execution, shop, catalog, search, labels);
    expect(await runQuery('{ products { label rank } }')).toEqual({
      data: each({ label: '<Lamp>', rank: 1 }),
      calls: execution === 'compiled' ? ['search p1 p2'] : expect.arrayContaining(['search p1 p2']),
    });
  });
}

test('a plan makes one call where one module has both shareable fields', async () => {
  const names = loading('names', 'name: String @shareable', { name: 'Lamp' });
  const prices = loading('prices', 'price: Int @shareable', { price: 3 });
  const wide = loading('wide', 'name: String @shareable  price: Int @shareable', { name: 'Lamp', price: 3 });
  const runQuery = askedBy('compiled', shop, names, prices, wide);
  expect((await runQuery('{ products { name price } }')).calls).toEqual(['wide p1 p2']);
  expect((await runQuery('{ products { price } }')).calls).toEqual(['prices p1 p2']);
});

test('the schema of clients has a shareable field once, without the directive', () => {
  const text = printSchema(composeGraph([shop, catalog, search]).graph.schema);
  expect(text.match(/name: String/g)).toHaveLength(1);
  expect(text).not.toContain('shareable');
});
