/** The endpoint that a team would write without GraphQL: Fastify, undici's `request`, @grpc/grpc-js; no log, no checks of answers. */
import fastify from 'fastify';
import { openCalls } from './shared/calls.ts';
import { PORT } from './shared/environment.ts';
import { lowStock, orderList, orderPage } from './shared/pages.ts';

interface Page {
  readonly Querystring: { readonly first: number; readonly after?: string };
}

interface Low {
  readonly Querystring: { readonly first: number; readonly below: number };
}

const querystring = (properties: object) => ({ schema: { querystring: { type: 'object', properties } } });
const page = querystring({ first: { type: 'integer' }, after: { type: 'string' } });
const low = querystring({ first: { type: 'integer' }, below: { type: 'integer' } });

const calls = openCalls();
const app = fastify();

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

await app.listen({ port: PORT, host: '127.0.0.1' });
