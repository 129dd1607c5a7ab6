import { numberOf, product, rows, type Sizes } from './fixtures.ts';
import { Problem } from './problem.ts';
import { bulk, found, idsOf, limitOf, ok, type RestService } from './rest-service.ts';

const cursorOf = (id: string): string => Buffer.from(`after:${id}`).toString('base64url');

/** @throws Problem 400 for anything that `cursorOf` did not make */
const startOf = (cursor: string | null): number => {
  if (cursor === null) return 0;
  const [, id = ''] = /^after:(p\d+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const n = numberOf('p', id);
  if (n === null || cursorOf(id) !== cursor) throw new Problem(400, 'after is not a cursor of this list', 'bad-cursor');
  return n;
};

/** The catalog service: products. */
export const catalog = (sizes: Sizes): RestService => {
  const products = rows(sizes.products, product);
  const byId = new Map(products.map((row) => [row.id, row]));
  const searchable = products.map((row, at) => ({ row, n: at + 1, name: row.name.toLowerCase() }));

  return {
    'GET /products/search': ({ query }) => {
      const limit = limitOf(query, 20);
      const start = startOf(query.get('after'));
      const text = query.get('text')?.toLowerCase() ?? '';
      const category = query.get('category') ?? '';
      const hits = searchable.filter(
        ({ row, name }) => name.includes(text) && (category === '' || row.category === category),
      );
      const rest = hits.filter(({ n }) => n > start);
      const items = rest.slice(0, limit).map(({ row }) => ({ cursor: cursorOf(row.id), product: row }));
      return ok({ items, total: hits.length, hasNext: rest.length > items.length });
    },

    'GET /products': ({ query }) => {
      const ids = idsOf(query, 'ids');
      if (ids === null) throw new Problem(400, 'ids is required; /products/search lists products', 'missing-ids');
      return ok(bulk(ids, (id) => byId.get(id)));
    },

    'GET /products/{id}': ({ params }) => ok(found(byId.get(params.id ?? ''), 'product')),
  };
};
