import type { FastifyInstance } from 'fastify';
import { lowStock, orderList, orderPage } from './pages.ts';
import type { Calls } from './rows.ts';

interface Page {
  readonly Querystring: { readonly first: number; readonly after?: string };
}

interface Low {
  readonly Querystring: { readonly first: number; readonly below: number };
}

const querystring = (properties: object) => ({ schema: { querystring: { type: 'object', properties } } });
const page = querystring({ first: { type: 'integer' }, after: { type: 'string' } });
const low = querystring({ first: { type: 'integer' }, below: { type: 'integer' } });

/** Adds a route for each page. */
export const addPages = (app: Pick<FastifyInstance, 'get'>, calls: Calls): void => {
  app.get('/typename', async () => ({ data: { __typename: 'Query' } }));
  app.get<Page>('/order-page', page, async ({ query: { first, after = null } }) => ({
    data: await orderPage(calls, { first, after, withStock: true }),
  }));
  app.get<Page>('/order-page-without-stock', page, async ({ query: { first, after = null } }) => ({
    data: await orderPage(calls, { first, after, withStock: false }),
  }));
  app.get<Page>('/orders', page, async ({ query: { first, after = null } }) => ({
    data: await orderList(calls, first, after),
  }));
  app.get<Low>('/low-stock', low, async ({ query: { first, below } }) => ({
    data: await lowStock(calls, below, first),
  }));
};
