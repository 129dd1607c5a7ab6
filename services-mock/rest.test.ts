import { expect, test } from 'vitest';
import { customer, DEFAULT_SIZES, order, product, rows } from './fixtures.ts';
import { callsOf, http, json, mockFor } from './test-clients.ts';

const idsIn = (body: readonly { readonly id: string }[]): string[] => body.map(({ id }) => id);

test('services with equal sizes agree on the rows that an order refers to', async () => {
  const [accounts, catalog, orders] = await Promise.all([mockFor('accounts'), mockFor('catalog'), mockFor('orders')]);
  const { body: newest } = await json(`${orders.url}/orders?limit=1`);
  expect(newest).toEqual([order(5_000, DEFAULT_SIZES)]);

  const { body: who } = await json(`${accounts.url}/customers/${newest[0].customerId}`);
  expect(who.id).toBe(newest[0].customerId);
  const asked = newest[0].items.map((item: { productId: string }) => item.productId);
  const { body: products } = await json(`${catalog.url}/products?ids=${asked.join(',')}`);
  expect(idsIn(products).toSorted()).toEqual(asked.toSorted());
});

test('bulk answers are in another fixed order, without unknown ids and duplicates', async () => {
  const mock = await mockFor('accounts');
  const asked = rows(30, (n) => `c${n}`);
  const url = `${mock.url}/customers?ids=${asked.join(',')},c1,nobody,c999&ids=c31`;
  const { body } = await json(url);
  expect(idsIn(body)).not.toEqual([...asked, 'c31']);
  expect(new Set(idsIn(body))).toEqual(new Set([...asked, 'c31']));
  expect(body).toHaveLength(31);
  expect((await json(url)).body).toEqual(body);
});

test('a URL of 64 KiB is answered and logged with its ids', async () => {
  const mock = await mockFor('catalog');
  const asked = rows(12_800, (n) => `p${n % 999}`);
  const target = `/products?ids=${asked.join(',')}`.slice(0, 65_536);
  const { status, body } = await json(mock.url + target);
  expect([status, body.length]).toEqual([200, 998]);
  const [call] = await callsOf(mock);
  expect(call).toMatchObject({ path: target, route: 'GET /products' });
  expect(call?.ids).toHaveLength(999);
});

test('pages of customers link to the next one until the last', async () => {
  const mock = await mockFor('accounts', { sizes: { customers: 45 } });
  const first = await json(`${mock.url}/customers?limit=20`);
  expect(first.headers.link).toBe('</customers?limit=20&after=c20>; rel="next"');
  const last = await json(`${mock.url}/customers?limit=20&after=c40`);
  expect(last.headers.link).toBeUndefined();
  expect(last.body).toEqual(rows(5, (n) => customer(n + 40)));
  expect((await json(`${mock.url}/customers?limit=45`)).headers.link).toBeUndefined();
});

test('a search finds parts of names in any case, page by page', async () => {
  const mock = await mockFor('catalog');
  const lamps = rows(1_000, product).filter(({ name }) => /lamp/i.test(name));
  const seen: string[] = [];
  for (let after = ''; seen.length < lamps.length; ) {
    const { body } = await json(`${mock.url}/products/search?text=LAMP&category=lighting&limit=30${after}`);
    expect(body.total).toBe(lamps.length);
    seen.push(...body.items.map((item: { product: { id: string } }) => item.product.id));
    expect(body.hasNext).toBe(seen.length < lamps.length);
    after = `&after=${body.items.at(-1).cursor}`;
  }
  expect(seen).toEqual(idsIn(lamps));
});

test.each(['nonsense', 'YWZ0ZXI6YzE', 'YWZ0ZXI6cDE='])('%j is refused as a cursor', async (cursor) => {
  const mock = await mockFor('catalog');
  const { status, headers, body } = await json(`${mock.url}/products/search?after=${cursor}`);
  expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
  expect(body).toMatchObject({ status: 400, title: 'Bad Request' });
});

test('orders are sorted newest first, also those of several customers', async () => {
  const mock = await mockFor('orders');
  const page = await json(`${mock.url}/orders?limit=3&after=o4980`);
  expect(idsIn(page.body)).toEqual(['o4979', 'o4978', 'o4977']);

  const { body } = await json(`${mock.url}/orders?customers=c1,c2,nobody&limit=4`);
  for (const customerId of ['c1', 'c2']) {
    const all = rows(5_000, (n) => order(n, DEFAULT_SIZES)).filter((row) => row.customerId === customerId);
    const own = body.filter((row: { customerId: string }) => row.customerId === customerId);
    expect(own).toEqual(all.toReversed().slice(0, 4));
  }
  expect(body).toHaveLength(8);
});

test('no list is longer than 5,000 rows', async () => {
  const mock = await mockFor('orders', { sizes: { orders: 5_100 } });
  expect((await json(`${mock.url}/orders?limit=999999`)).body).toHaveLength(5_000);
});

test('a placed order appears in later reads, once for each idempotency key', async () => {
  const mock = await mockFor('orders');
  const place = { method: 'POST', headers: { 'idempotency-key': 'k1' } };
  const body = { customerId: 'c1', items: [{ productId: 'p7', quantity: 2 }] };
  const first = await json(`${mock.url}/orders`, { ...place, body });
  expect(first).toMatchObject({ status: 201, body: { id: 'o5001', status: 'PENDING', ...body } });
  expect((await json(`${mock.url}/orders`, { ...place, body })).body).toEqual(first.body);
  expect(idsIn((await json(`${mock.url}/orders?limit=2`)).body)).toEqual(['o5001', 'o5000']);
  expect((await json(`${mock.url}/orders?customers=c1&limit=1`)).body).toEqual([first.body]);
});

test.each([
  [{ customerId: 'c1', items: [{ productId: 'p0', quantity: 1 }] }, 'unknown-product', 'items[0].productId'],
  [{ customerId: 'c1', items: [{ productId: 'p1001', quantity: 1 }] }, 'unknown-product', 'items[0].productId'],
  [{ customerId: 'c1', items: [{ productId: 'p1', quantity: 0 }] }, 'invalid-quantity', 'items[0].quantity'],
  [{ customerId: 'c1', items: [{ productId: 'p1', quantity: 101 }] }, 'invalid-quantity', 'items[0].quantity'],
  [{ customerId: 'c201', items: [{ productId: 'p1', quantity: 1 }] }, 'unknown-customer', 'customerId'],
  [{ customerId: 'c1', items: [] }, 'invalid-order', 'items'],
  [{ customerId: 'c1', items: [{ quantity: 1 }] }, 'invalid-order', 'items[0].productId'],
])('%j is refused as %s', async (body, type, field) => {
  const mock = await mockFor('orders');
  const answer = await json(`${mock.url}/orders`, { method: 'POST', body });
  expect([answer.status, answer.headers['content-type']]).toEqual([422, 'application/problem+json']);
  expect(answer.body.type).toMatch(new RegExp(`/${type}$`));
  expect(answer.body.violations).toEqual([{ field, message: expect.any(String) }]);
});

test('an order can be cancelled once, and not after it was shipped', async () => {
  const mock = await mockFor('orders');
  const newest = rows(100, (n) => order(4_900 + n, DEFAULT_SIZES));
  const cancel = (id = 'o0') => json(`${mock.url}/orders/${id}/cancel`, { method: 'POST' });
  const paid = newest.find(({ status }) => status === 'PAID')?.id;
  expect(await cancel(paid)).toMatchObject({ status: 200, body: { id: paid, status: 'CANCELLED' } });
  expect((await json(`${mock.url}/orders/${paid}`)).body.status).toBe('CANCELLED');
  expect((await cancel(paid)).status).toBe(409);
  expect((await cancel(newest.find(({ status }) => status === 'SHIPPED')?.id)).status).toBe(409);
  expect((await cancel('o99999')).status).toBe(404);
});

test('an unknown resource, a malformed path and a malformed body are problems', async () => {
  const mock = await mockFor('orders');
  for (const path of ['/orders/x', '/nothing', '/orders/%zz', '/orders/o1/']) {
    const { status, body } = await json(mock.url + path);
    expect([path, status, body.status]).toEqual([path, 404, 404]);
  }
  expect((await json(`${mock.url}/orders`, { method: 'POST', body: '{' })).status).toBe(400);
  expect((await json(`${mock.url}/orders?limit=-1`)).status).toBe(400);
  expect((await json(`${mock.url}/orders?after=p1`)).status).toBe(400);
});

test('in-process mocks share nothing', async () => {
  const [one, other] = await Promise.all([mockFor('orders'), mockFor('orders')]);
  const body = { customerId: 'c1', items: [{ productId: 'p1', quantity: 1 }] };
  await http(`${one.url}/orders`, { method: 'POST', body });
  expect((await http(`${other.url}/orders/o5001`)).status).toBe(404);
  expect(await callsOf(one)).toHaveLength(1);
});
