import { join } from 'node:path';
import { z } from 'zod';
import { exampleIn } from '../../../src/cli/dev/welcome.ts';
import { ROOT } from '../processes/processes.ts';

const ORDER_PAGE = exampleIn(join(ROOT, 'schema'));

const Product = z.object({ name: z.string().nullable(), stock: z.object({ available: z.int() }).nullable() });
const Order = z.object({
  id: z.string(),
  customer: z.object({ name: z.string().nullable() }).nullable(),
  items: z.array(z.object({ quantity: z.int(), product: Product.nullable() })),
});
const Answer = z.object({
  data: z.object({ orders: z.array(Order).nullable() }).nullish(),
  errors: z.array(z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).optional(),
});

/** Queries the page of orders that joins all four services. Rejects for any other answer. */
export const askForOrderPage = async (graphqlUrl: string) => {
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: ORDER_PAGE }),
  });
  const { data, errors = [] } = Answer.parse(await response.json());
  return { status: response.status, errors, orders: data?.orders ?? [] };
};
