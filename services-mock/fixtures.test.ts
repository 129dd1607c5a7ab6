import { expect, test } from 'vitest';
import { customer, DEFAULT_SIZES, numberOf, order, product, rows, stock } from './fixtures.ts';

const orders = rows(DEFAULT_SIZES.orders, (n) => order(n, DEFAULT_SIZES));
const products = rows(DEFAULT_SIZES.products, product);

test('every order has an existing customer and three different existing products', () => {
  const exists = (n: number | null, count: number) => n !== null && n <= count;
  const wrong = orders.filter(
    ({ customerId, items }) =>
      !exists(numberOf('c', customerId), DEFAULT_SIZES.customers) ||
      new Set(items.map(({ productId }) => productId)).size !== 3 ||
      items.some(({ productId }) => !exists(numberOf('p', productId), DEFAULT_SIZES.products)) ||
      items.some(({ quantity }) => ![1, 2, 3, 4, 5].includes(quantity)),
  );
  expect(wrong).toEqual([]);
});

test('the newest twenty orders share no product', () => {
  const ids = orders.slice(-20).flatMap(({ items }) => items.map(({ productId }) => productId));
  expect(new Set(ids).size).toBe(60);
});

test('a shop of the smallest size still has complete orders', () => {
  const smallest = { customers: 1, products: 3, orders: 2 };
  expect(
    order(2, smallest)
      .items.map(({ productId }) => productId)
      .toSorted(),
  ).toEqual(['p1', 'p2', 'p3']);
});

test('the newest order is the last, and placed at noon', () => {
  expect(orders.at(-1)).toMatchObject({ id: 'o5000', placedAt: '2026-11-01T12:00:00.000Z' });
  const times = orders.map(({ placedAt }) => placedAt);
  expect(times).toEqual(times.toSorted());
});

test('orders are in every state', () => {
  const states = new Set(orders.map(({ status }) => status));
  expect(states).toEqual(new Set(['PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED']));
});

test('about one product in ten has no weight, and about one in 25 is unknown to the warehouse', () => {
  const weightless = products.filter(({ weight }) => weight === null).length;
  expect(weightless).toBeGreaterThan(60);
  expect(weightless).toBeLessThan(140);
  const unknown = rows(DEFAULT_SIZES.products, stock).filter((row) => row === null).length;
  expect(unknown).toBeGreaterThan(20);
  expect(unknown).toBeLessThan(60);
});

test('products fall into six categories, under many names', () => {
  expect(new Set(products.map(({ category }) => category)).size).toBe(6);
  expect(new Set(products.map(({ name }) => name)).size).toBeGreaterThan(500);
});

test('a row does not depend on the sizes', () => {
  expect(customer(7)).toEqual(customer(7));
  expect(order(9, DEFAULT_SIZES)).toEqual(orders[8]);
});

test.each(['c0', 'c01', 'c', 'p1', 'c1.5', 'c-1', ''])('%j is no customer id', (id) => {
  expect(numberOf('c', id)).toBeNull();
});
