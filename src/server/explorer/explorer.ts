import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GRAPHQL_PATH, searchOf } from '../graphql-route.ts';
import { acceptsHtml } from '../media-type.ts';
import { offlinePage } from './offline-page.ts';
import { sandboxPage } from './sandbox-page.ts';

export interface ExplorerOptions {
  /** The operation an explorer starts with; may be empty. */
  readonly exampleQuery: string;
}

const sendPage = (reply: FastifyReply, html: string): FastifyReply =>
  reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // Nobody frames a page that can send requests in the reader's name.
      'content-security-policy': "frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      vary: 'accept',
    })
    .send(html);

const asksForPage = (request: FastifyRequest): boolean =>
  request.method === 'GET' &&
  request.routeOptions.url === GRAPHQL_PATH &&
  acceptsHtml(request.headers.accept) &&
  !new URLSearchParams(searchOf(request.url)).has('query');

/** Shows browsers Apollo Sandbox at /graphql, and GraphiQL, which needs no internet, at /graphiql. */
export const addExplorer = (app: FastifyInstance, { exampleQuery }: ExplorerOptions): void => {
  const sandbox = sandboxPage(exampleQuery);
  let offline: Promise<string> | null = null;
  app.addHook('onRequest', async (request, reply) => {
    if (asksForPage(request)) return sendPage(reply, sandbox);
    return undefined;
  });
  app.get('/graphiql', async (_request, reply) => {
    offline ??= offlinePage(exampleQuery);
    return sendPage(reply, await offline);
  });
};
