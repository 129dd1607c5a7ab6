import { batch, byKey, loaded, rest, UpstreamError } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Call } from '../../src/upstream/call.ts';
import { EXECUTIONS, type Execution } from '../support/gateway/executed.ts';
import { type ServedOptions, servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const NAMES: Readonly<Record<string, string>> = { p1: 'Lamp', p2: 'Desk', p3: 'Chair' };

/** Owns products. Returns references where it has an id only. */
const catalog = define({
  name: 'catalog',
  typeDefs: typeDefs(`
    type Query { featured: Product  picks(ids: [ID!]!): [Product!]  whole: Product  node: Node  item: Item  deal: Deal }
    type Mutation { buy: Product }
    interface Node { id: ID! }
    union Item = Product
    type Product implements Node { id: ID!  name: String!  note: String  sku: String  loud(by: Int = 1): String }
    type Deal { product: Product!  strict: Product! }
  `),
  upstreams: { products: rest() },
  loaders: ({ products }) => ({
    productById: batch(async (ids: readonly string[]) =>
      byKey(await products.get('/products', { query: { ids: ids.join(',') }, response: z.array(z.any()) }), 'id'),
    ),
  }),
  merge: { Product: { key: 'id', load: 'productById' } },
  resolvers: {
    Query: {
      featured: () => ({ id: 'p1' }),
      picks: (_root: unknown, { ids }: { ids: string[] }) => ids.map((id) => ({ id })),
      whole: () => ({ id: 'p1', name: 'Whole' }),
      node: () => ({ __typename: 'Product', id: 'p2' }),
      item: async () => ({ __typename: 'Product', id: 'p3' }),
      deal: () => ({ productId: 'gone' }),
    },
    Mutation: { buy: () => ({ id: 'p2' }) },
    Product: {
      loud: ({ name }: { name: string }, { by }: { by: number }) => name.toUpperCase() + '!'.repeat(by),
    },
    Deal: {
      product: ({ productId }: { productId: string }) => ({ id: productId }),
      strict: loaded('productById', 'productId'),
    },
  },
});

/** Has stock by the catalog's sku, which references do not contain. */
const stock = define({
  name: 'stock',
  typeDefs: typeDefs('type Product { sku: String  units: Int }'),
  merge: { Product: { key: 'sku' } },
  resolvers: { Product: { units: ({ sku }: { sku: string }) => sku.length } },
});

/** Returns the catalog's products by id. */
const shelf = define({
  name: 'shelf',
  typeDefs: typeDefs('type Query { shelf(ids: [ID!]!): [Product!] } type Product { id: ID! }'),
  resolvers: {
    Query: { shelf: (_root: unknown, { ids }: { ids: string[] }) => ids.map((id) => ({ id })) },
  },
});

const products = ({ message }: Call): unknown => {
  const target = message.protocol === 'rest' ? message.target : '';
  const ids = new URL(target, 'http://catalog').searchParams.get('ids')?.split(',') ?? [];
  return ids.flatMap((id) => (NAMES[id] ? [{ id, name: NAMES[id], note: null, sku: `sku-${id}` }] : []));
};

const served = async (options: Partial<ServedOptions>) => {
  const logged: string[] = [];
  const note = (message: string) => void logged.push(message);
  const log = { warn: note, error: note };
  const gateway = await servedGateway({ modules: [catalog, stock, shelf], answer: products, log, ...options });
  return { ...gateway, calls: gateway.calls, logged };
};

/** Path of an error. Delegation reports the nearest null instead. */
const pathIn = (execution: Execution, exact: readonly unknown[], nulled: readonly unknown[]) =>
  execution === 'compiled' ? exact : nulled;

for (const execution of EXECUTIONS) {
  test(`${execution}: a reference returned by the entity’s owner is completed by its loader`, async () => {
    const { runQuery, calls } = await served({ execution });
    const { body } = await runQuery('{ featured { id name note loud(by: 2) } }');
    expect(body).toEqual({ data: { featured: { id: 'p1', name: 'Lamp', note: null, loud: 'LAMP!!' } } });
    expect(calls).toEqual(['GET /products']);
  });

  test(`${execution}: references of one wave from all modules and places are loaded with one call`, async () => {
    const { runQuery, calls } = await served({ execution });
    const { body } = await runQuery(
      '{ featured { name } picks(ids: ["p2", "p1", "p2"]) { name } shelf(ids: ["p3", "p1"]) { name } }',
    );
    expect(body).toEqual({
      data: {
        featured: { name: 'Lamp' },
        picks: [{ name: 'Desk' }, { name: 'Lamp' }, { name: 'Desk' }],
        shelf: [{ name: 'Chair' }, { name: 'Lamp' }],
      },
    });
    // Delegation requests joined rows after those of the module itself.
    expect(calls).toHaveLength(execution === 'compiled' ? 1 : 2);
  });

  test(`${execution}: a reference costs no call if only its key is selected, and a complete row never does`, async () => {
    const { runQuery, calls } = await served({ execution });
    const { body } = await runQuery('{ featured { __typename id } whole { id name note } }');
    expect(body).toEqual({
      data: { featured: { __typename: 'Product', id: 'p1' }, whole: { id: 'p1', name: 'Whole', note: null } },
    });
    expect(calls).toEqual([]);
  });

  test(`${execution}: references are completed behind interfaces and unions, in mutations, and on the way to a third module`, async () => {
    const { runQuery, calls } = await served({ execution });
    const { body } = await runQuery(
      '{ node { id ... on Product { name units } } item { ... on Product { name units } } featured { units } }',
    );
    expect(body).toEqual({
      data: { node: { id: 'p2', name: 'Desk', units: 6 }, item: { name: 'Chair', units: 6 }, featured: { units: 6 } },
    });
    expect((await runQuery('mutation { buy { name units } }')).body).toEqual({
      data: { buy: { name: 'Desk', units: 6 } },
    });
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  test(`${execution}: a dangling reference is NOT_FOUND in non-null fields, null in others, and not logged`, async () => {
    const { runQuery, logged } = await served({ execution });
    const { body } = await runQuery(
      '{ picks(ids: ["p1", "gone"]) { id note } shelf(ids: ["gone", "p2"]) { id note } }',
    );
    expect(body).toEqual({
      data: {
        picks: [
          { id: 'p1', note: null },
          { id: 'gone', note: null },
        ],
        shelf: [
          { id: 'gone', note: null },
          { id: 'p2', note: null },
        ],
      },
    });
    for (const field of ['picks', 'shelf']) {
      const isOwn = field === 'picks';
      const path = isOwn ? pathIn(execution, [field, 1, 'name'], [field]) : [field, 1, 'name'];
      const dangling = await runQuery(`{ ${field}(ids: ["p1", "gone"]) { id name } }`);
      expect(dangling.body).toMatchObject({
        data: { [field]: null },
        errors: [{ path, message: 'Not found.', extensions: { code: 'NOT_FOUND' } }],
      });
    }
    expect(logged).toEqual([]);
  });

  test(`${execution}: a non-null field loaded by a key without a row is NOT_FOUND`, async () => {
    const { runQuery, logged } = await served({ execution });
    const { body } = await runQuery('{ deal { strict { id } } }');
    expect(body).toMatchObject({
      data: { deal: null },
      errors: [{ path: pathIn(execution, ['deal', 'strict'], ['deal']), extensions: { code: 'NOT_FOUND' } }],
    });
    expect((await runQuery('{ deal { product { name } } }')).body).toMatchObject({
      data: { deal: null },
      errors: [{ path: pathIn(execution, ['deal', 'product', 'name'], ['deal']), extensions: { code: 'NOT_FOUND' } }],
    });
    expect(logged).toEqual([]);
  });

  test(`${execution}: an entity that its backend answers with 404 is a dangling reference`, async () => {
    const single = define({
      name: 'single',
      typeDefs: typeDefs('type Query { one: Product } type Product { id: ID!  name: String!  note: String }'),
      upstreams: { products: rest() },
      loaders: ({ products }) => ({
        // A backend without a bulk call.
        productById: batch(
          async (ids: readonly string[]) =>
            new Map(ids.map((id) => [id, products.get('/products/{id}', { path: { id }, response: z.any() })])),
        ),
      }),
      merge: { Product: { key: 'id', load: 'productById' } },
      resolvers: { Query: { one: () => ({ id: 'gone' }) } },
    });
    const answer = (call: Call) => {
      throw new UpstreamError('NOT_FOUND', call, 'answered 404');
    };
    const { runQuery, logged } = await served({ execution, modules: [single, shelf], answer });
    expect((await runQuery('{ one { id note } shelf(ids: ["gone"]) { id note } }')).body).toEqual({
      data: { one: { id: 'gone', note: null }, shelf: [{ id: 'gone', note: null }] },
    });
    for (const field of ['one', 'shelf(ids: ["gone"])'])
      expect((await runQuery(`{ ${field} { name } }`)).body.errors).toMatchObject([
        { message: 'Not found.', extensions: { code: 'NOT_FOUND' } },
      ]);
    expect(logged).toEqual([]);
  });
}
