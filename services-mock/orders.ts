import { z } from 'zod';
import { numberOf, type Order, type Sizes } from './fixtures.ts';
import { scrambled } from './hash.ts';
import { orderBook } from './order-book.ts';
import { Problem, type Violation } from './problem.ts';
import { afterOf, bulk, found, idsOf, limitOf, ok, type RestService } from './rest-service.ts';

const NewOrder = z.object({
  customerId: z.string(),
  items: z.array(z.object({ productId: z.string(), quantity: z.number() })).min(1),
});
type NewOrder = z.infer<typeof NewOrder>;

const MAX_QUANTITY = 100;

/** `['items', 0, 'productId']` as `items[0].productId`. */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('');

/** @throws Problem 422 with every invalid field */
const readNewOrder = (body: unknown): NewOrder => {
  const parsed = NewOrder.safeParse(body);
  if (!parsed.success) {
    const violations = parsed.error.issues.map(({ path, message }) => ({ field: fieldOf(path), message }));
    throw new Problem(422, 'The order is not complete', 'invalid-order', violations);
  }
  const wrong = parsed.data.items.flatMap(({ quantity }, at): Violation[] =>
    Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY
      ? []
      : [{ field: `items[${at}].quantity`, message: `must be a whole number from 1 to ${MAX_QUANTITY}` }],
  );
  if (wrong.length > 0) throw new Problem(422, 'A quantity is not possible', 'invalid-quantity', wrong);
  return parsed.data;
};

/** @throws Problem 422 for an unknown customer or product */
const checkReferences = ({ customerId, items }: NewOrder, sizes: Sizes): void => {
  if ((numberOf('c', customerId) ?? Number.POSITIVE_INFINITY) > sizes.customers)
    throw new Problem(422, 'Nobody has this customer id', 'unknown-customer', [
      { field: 'customerId', message: 'unknown customer' },
    ]);
  const unknown = items.flatMap(({ productId }, at): Violation[] =>
    (numberOf('p', productId) ?? Number.POSITIVE_INFINITY) <= sizes.products
      ? []
      : [{ field: `items[${at}].productId`, message: 'unknown product' }],
  );
  if (unknown.length > 0) throw new Problem(422, 'A product is not for sale', 'unknown-product', unknown);
};

const cancellable = ({ status }: Order): boolean => status === 'PENDING' || status === 'PAID';

/** The orders service. Later reads return orders as placed and cancelled, until the mock ends. */
export const orders = (sizes: Sizes): RestService => {
  const book = orderBook(sizes);
  const placedByKey = new Map<string, Order>();

  return {
    'GET /orders': ({ query }) => {
      const ids = idsOf(query, 'ids');
      if (ids !== null) return ok(bulk(ids, book.get));

      const customers = idsOf(query, 'customers');
      if (customers === null) return ok(book.newest(limitOf(query, 20), afterOf(query, 'o')));
      const limit = limitOf(query, 10);
      return ok(scrambled(customers, (id) => id).flatMap((id) => book.ofCustomer(id, limit)));
    },

    'GET /orders/{id}': ({ params }) => ok(found(book.get(params.id ?? ''), 'order')),

    'POST /orders': ({ body, headers }) => {
      const key = headers['idempotency-key'];
      const before = typeof key === 'string' ? placedByKey.get(key) : undefined;
      if (before !== undefined) return { status: 201, body: before };

      const wanted = readNewOrder(body);
      checkReferences(wanted, sizes);
      const placed = book.place(wanted.customerId, wanted.items);
      if (typeof key === 'string') placedByKey.set(key, placed);
      return { status: 201, body: placed };
    },

    'POST /orders/{id}/cancel': ({ params }) => {
      const existing = found(book.get(params.id ?? ''), 'order');
      if (cancellable(existing)) return ok(book.cancel(existing));
      throw new Problem(409, `The order is ${existing.status}`, 'not-cancellable');
    },
  };
};
