import { customer, rows, type Sizes } from './fixtures.ts';
import { afterOf, bulk, found, idsOf, limitOf, ok, type RestService } from './rest-service.ts';

/**
 * The accounts service: customers. Lists link to the next page in a Link header (RFC 8288), as a path of this service.
 */
export const accounts = (sizes: Sizes): RestService => {
  const customers = rows(sizes.customers, customer);
  const byId = new Map(customers.map((row) => [row.id, row]));

  return {
    'GET /customers': ({ query }) => {
      const ids = idsOf(query, 'ids');
      if (ids !== null) return ok(bulk(ids, (id) => byId.get(id)));

      const limit = limitOf(query, 20);
      const start = afterOf(query, 'c') ?? 0;
      const page = customers.slice(start, start + limit);
      const last = page.at(-1);
      if (last === undefined || start + limit >= customers.length) return ok(page);
      return ok(page, { link: `</customers?limit=${limit}&after=${last.id}>; rel="next"` });
    },

    'GET /customers/{id}': ({ params }) => ok(found(byId.get(params.id ?? ''), 'customer')),
  };
};
