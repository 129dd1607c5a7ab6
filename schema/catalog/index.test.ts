import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import catalog from './index.ts';

const product = (id: string) => ({
  id,
  name: `Product ${id}`,
  description: 'Useful.',
  category: 'garden',
  price: 1_999,
  currency: 'EUR',
  weight: null,
});

test('two products selected in one query cost one call', async () => {
  const products = scripted().get('/products', ['p2', 'p1'].map(product));
  const gateway = testBackend(catalog, { products });
  const { data } = await gateway.query('{ a: product(id: "p1") { name price } b: product(id: "p2") { name weight } }');
  expect(data).toEqual({ a: { name: 'Product p1', price: 1_999 }, b: { name: 'Product p2', weight: null } });
  expect(gateway.calls).toEqual(['catalog.products GET /products']);
});

test('a search returns a connection with the backend’s cursors', async () => {
  const asked: string[] = [];
  const products = scripted().get('/products/search', ({ query }) => {
    asked.push(query.toString());
    return { items: [{ cursor: 'abc', product: product('p1') }], total: 7, hasNext: true };
  });
  const { data } = await testBackend(catalog, { products }).query(
    '{ searchProducts(text: "lamp", first: 1, after: "xyz") { totalCount nodes { id } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
  );
  expect(data.searchProducts).toEqual({
    totalCount: 7,
    nodes: [{ id: 'p1' }],
    edges: [{ cursor: 'abc', node: { name: 'Product p1' } }],
    pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: 'abc', endCursor: 'abc' },
  });
  expect(asked).toEqual(['text=lamp&limit=1&after=xyz']);
});

test('a search with a page size above the limit is rejected without a call', async () => {
  const gateway = testBackend(catalog, {});
  const { errors } = await gateway.query('{ searchProducts(first: 101) { totalCount } }');
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(gateway.calls).toEqual([]);
});
