import { choose, hash, pick } from './hash.ts';
import { adjectives, categories, cities, firstNames, lastNames, materials, nouns, streets } from './words.ts';

/** Numbers of rows. Mocks with equal sizes agree on every id and every row. */
export interface Sizes {
  /** At least 1. */
  readonly customers: number;
  /** At least 3: an order has three different products. */
  readonly products: number;
  readonly orders: number;
}

export const DEFAULT_SIZES: Sizes = { customers: 200, products: 1_000, orders: 5_000 };

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly addresses: readonly {
    readonly street: string;
    readonly city: string;
    readonly postalCode: string;
    readonly country: string;
  }[];
  /** ISO 8601. */
  readonly since: string;
}

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  /** In minor units of the currency. */
  readonly price: number;
  readonly currency: 'EUR';
  /** In grams; null for about one product in ten. */
  readonly weight: number | null;
}

export type OrderStatus = 'PENDING' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  /** ISO 8601. */
  readonly placedAt: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

export interface Stock {
  readonly productId: string;
  readonly available: number;
  readonly warehouse: string;
}

const NEWEST_ORDER_AT = Date.parse('2026-11-01T12:00:00Z');
const BETWEEN_ORDERS_MS = 37 * 60_000;
const DAY_MS = 86_400_000;

/** Maps the whole numbers 1 to `count` to rows. */
export const rows = <T>(count: number, row: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => row(at + 1));

/** Number in an id such as `c12`; null for anything else, including leading zeros. */
export const numberOf = (prefix: 'c' | 'p' | 'o', id: string): number | null => {
  const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
};

export const customer = (n: number): Customer => {
  const id = `c${n}`;
  const [first, last] = [choose(`${id} first`, firstNames), choose(`${id} last`, lastNames)];
  return {
    id,
    name: `${first} ${last}`,
    email: `customer${n}@example.com`,
    phone: `+49 30 ${String(pick(`${id} phone`, 10_000_000)).padStart(7, '0')}`,
    addresses: rows(1 + pick(`${id} addresses`, 2), (nth) => {
      const seed = `${id} address ${nth}`;
      const [city, country] = choose(`${seed} city`, cities);
      const street = `${choose(`${seed} street`, streets)} ${1 + pick(`${seed} house`, 99)}`;
      return { street, city, postalCode: String(10_000 + pick(`${seed} code`, 90_000)), country };
    }),
    since: new Date(NEWEST_ORDER_AT - (200 + pick(`${id} since`, 2_000)) * DAY_MS).toISOString(),
  };
};

export const product = (n: number): Product => {
  const id = `p${n}`;
  const category = choose(`${id} category`, categories);
  const material = choose(`${id} material`, materials);
  const noun = choose(`${id} noun`, nouns[category] ?? ['Thing']);
  return {
    id,
    name: `${choose(`${id} adjective`, adjectives)} ${material} ${noun}`,
    description: `A ${noun.toLowerCase()} of ${material.toLowerCase()}, made to last. Model ${1_000 + n}.`,
    category,
    price: 99 + 100 * (4 + pick(`${id} price`, 295)),
    currency: 'EUR',
    weight: pick(`${id} weighed`, 10) === 0 ? null : 50 + pick(`${id} weight`, 29_950),
  };
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * Product at a position of the sequence that orders take theirs from. Its step is prime to the number of products, so
 * that all are visited before one repeats and neighbouring orders share none.
 */
const productAt = (place: number, { products }: Sizes): string => {
  const step = [7_919, 104_729, 1].find((prime) => gcd(prime, products) === 1) ?? 1;
  return `p${((place * step) % products) + 1}`;
};

const statusOf = (id: string, age: number): OrderStatus =>
  age < 200
    ? choose(`${id} status`, ['PENDING', 'PAID', 'PAID', 'SHIPPED', 'CANCELLED'])
    : choose(`${id} status`, ['DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'SHIPPED', 'CANCELLED']);

/** Time of order `n`. Orders above `sizes.orders` follow the newest fixture at the same interval. */
export const placedAt = (n: number, { orders }: Sizes): string =>
  new Date(NEWEST_ORDER_AT + (n - orders) * BETWEEN_ORDERS_MS).toISOString();

export const order = (n: number, sizes: Sizes): Order => {
  const id = `o${n}`;
  return {
    id,
    customerId: `c${1 + pick(`${id} customer`, sizes.customers)}`,
    status: statusOf(id, sizes.orders - n),
    placedAt: placedAt(n, sizes),
    items: rows(3, (nth) => ({
      productId: productAt(n * 3 + nth, sizes),
      quantity: 1 + pick(`${id} quantity ${nth}`, 5),
    })),
  };
};

/** Stock of product `n`; null for about one product in 25, which no warehouse knows. */
export const stock = (n: number): Stock | null => {
  const productId = `p${n}`;
  if (hash(`${productId} known`) % 25 === 0) return null;
  return {
    productId,
    available: pick(`${productId} available`, 51),
    warehouse: choose(`${productId} warehouse`, ['W1', 'W2', 'W3']),
  };
};
