/** The floor: node:http, undici's dispatch and this project's gRPC client, written by hand for these pages and nothing else. */
import { createServer, type ServerResponse } from 'node:http';
import { openBareCalls } from './shared/bare-calls.ts';
import { PORT } from './shared/environment.ts';
import { lowStock, orderList, orderPage } from './shared/pages.ts';

const calls = openBareCalls();

type Page = (query: URLSearchParams) => unknown;

const first = (query: URLSearchParams): number => Number(query.get('first'));

const pages = new Map<string, Page>([
  ['/typename', () => ({ __typename: 'Query' })],
  ['/order-page', (query) => orderPage(calls, { first: first(query), after: query.get('after'), withStock: true })],
  [
    '/order-page-without-stock',
    (query) => orderPage(calls, { first: first(query), after: query.get('after'), withStock: false }),
  ],
  ['/orders', (query) => orderList(calls, first(query), query.get('after'))],
  ['/low-stock', (query) => lowStock(calls, Number(query.get('below')), first(query))],
]);

const send = (answer: ServerResponse, status: number, value: object): void => {
  const body = JSON.stringify(value);
  answer.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  answer.end(body);
};

createServer(async ({ url = '' }, answer) => {
  const [path = '', search] = url.split('?');
  const page = pages.get(path);
  try {
    if (page === undefined) send(answer, 404, { error: 'There is no such page.' });
    else send(answer, 200, { data: await page(new URLSearchParams(search)) });
  } catch (error) {
    send(answer, 502, { error: String(error) });
  }
}).listen(PORT, '127.0.0.1');
