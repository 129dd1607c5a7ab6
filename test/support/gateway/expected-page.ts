import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import {
  customer,
  DEFAULT_SIZES,
  numberOf,
  type Order,
  order,
  product,
  type Sizes,
  stock,
} from '../../../services-mock/fixtures.ts';
import type { BackendName } from '../../../services-mock/start.ts';
import { type Answer, errorsOf, expectErrorsAtNulls } from './gateway.ts';

const ORDER_PAGE = readFileSync(new URL('../../../schema/example.graphql', import.meta.url), 'utf8');

/** The answer to schema/example.graphql with this many orders. */
export const orderPageDocument = (first: number): string => ORDER_PAGE.replace('first: 20', `first: ${first}`);

/** Numbers of the newest `first` orders, newest first. */
const newest = (first: number, { orders }: Sizes): number[] => Array.from({ length: first }, (_, at) => orders - at);

const numberIn = (prefix: 'c' | 'p', id: string): number => numberOf(prefix, id) ?? 0;

const productOf = (id: string) => {
  const { name, price } = product(numberIn('p', id));
  const held = stock(numberIn('p', id));
  return { id, name, price, stock: held === null ? null : { available: held.available } };
};

const pageRow = ({ id, status, customerId, items }: Order) => {
  const { name, email } = customer(numberIn('c', customerId));
  return {
    id,
    status,
    customer: { id: customerId, name, email },
    items: items.map(({ productId, quantity }) => ({ quantity, product: productOf(productId) })),
  };
};

/** The rows of such a page with healthy backends. */
export const expectedOrders = (first: number, sizes: Sizes = DEFAULT_SIZES) =>
  newest(first, sizes).map((n) => pageRow(order(n, sizes)));

const ALL_OF = new Map<Sizes, readonly Order[]>();

/** A customer's newest orders in the backend's form, newest first. */
export const ordersOf = (customerId: string, first: number, sizes: Sizes = DEFAULT_SIZES): readonly Order[] => {
  const all = ALL_OF.get(sizes) ?? newest(sizes.orders, sizes).map((n) => order(n, sizes));
  ALL_OF.set(sizes, all);
  return all.filter((row) => row.customerId === customerId).slice(0, first);
};

/** Rows of the fixtures by id. */
export const productRow = (id: string) => ({ ...product(numberIn('p', id)), stock: stock(numberIn('p', id)) });
export const customerRow = (id: string) => customer(numberIn('c', id));

type Row = ReturnType<typeof expectedOrders>[number];

/** The distinct ids of customers and products on a page. */
export const idsOn = (rows: readonly Row[]) => ({
  customers: new Set(rows.map(({ customer: { id } }) => id)),
  products: new Set(rows.flatMap(({ items }) => items.map((item) => item.product.id))),
});

interface PartialRow {
  readonly items: readonly object[];
}

export interface PartialPage {
  readonly data: { readonly orders: readonly PartialRow[] | null };
  /** Places that are missing. */
  readonly paths: readonly string[];
}

const withProducts = (row: Row, change: (product: Row['items'][number]['product']) => object) => ({
  ...row,
  items: row.items.map((item) => ({ ...item, product: change(item.product) })),
});

const pathsOfProducts = (rows: readonly Row[], ...fields: readonly string[]): string[] =>
  rows.flatMap(({ items }, at) =>
    items.flatMap((_, nth) => fields.map((field) => `orders.${at}.items.${nth}.product.${field}`)),
  );

/** The page without one of its backends. */
export const withoutBackend = (backend: BackendName, rows: readonly Row[]): PartialPage => {
  switch (backend) {
    case 'accounts':
      return {
        data: { orders: rows.map((row) => ({ ...row, customer: { ...row.customer, name: null, email: null } })) },
        paths: rows.flatMap((_, at) => [`orders.${at}.customer.name`, `orders.${at}.customer.email`]),
      };
    case 'catalog':
      return {
        data: { orders: rows.map((row) => withProducts(row, (found) => ({ ...found, name: null, price: null }))) },
        paths: pathsOfProducts(rows, 'name', 'price'),
      };
    case 'inventory':
      return {
        data: { orders: rows.map((row) => withProducts(row, (found) => ({ ...found, stock: null }))) },
        paths: pathsOfProducts(rows, 'stock'),
      };
    case 'orders':
      return { data: { orders: null }, paths: ['orders'] };
  }
};

/** Asserts a complete page without errors. */
export const expectWhole = ({ status, data, errors }: Answer, rows: readonly object[]): void =>
  expect({ status, errors, data }).toEqual({ status: 200, errors: [], data: { orders: rows } });

/** Asserts a page that is complete except for this backend, with one error for each missing place. */
export const expectWithout = (backend: BackendName, code: string, answer: Answer, rows: readonly Row[]): void => {
  const { data, paths } = withoutBackend(backend, rows);
  expect(answer.status).toBe(200);
  expect(answer.data).toEqual(data);
  expect(errorsOf(answer)).toEqual(paths.map((path) => `${path} ${code}`).sort());
  expectErrorsAtNulls(answer);
};
