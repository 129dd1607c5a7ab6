import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GRAPHQL_PATH, searchOf } from '../graphql-route.ts';
import { acceptsHtml } from '../media-type.ts';
import { offlinePage } from './offline-page.ts';
import { type Needs, pagePolicy } from './page-policy.ts';
import { sandboxPage } from './sandbox-page.ts';

export interface ExplorerOptions {
  /** The operation an explorer starts with; may be empty. */
  readonly exampleQuery: string;
}

/** A page with what its browser is told that it may do. */
interface Page {
  readonly html: string;
  readonly policy: string;
}

const APOLLO = 'https://*.apollographql.com';

// Sandbox asks whatever endpoint its user enters, from this page.
const SANDBOX_NEEDS = {
  'script-src': 'https://embeddable-sandbox.cdn.apollographql.com',
  'frame-src': 'https://sandbox.embed.apollographql.com',
  'connect-src': `'self' ${APOLLO}`,
};

// Monaco, its editor, starts its workers from blobs, and brings its fonts in its styles.
const GRAPHIQL_NEEDS = { 'worker-src': 'blob: data:', 'font-src': 'data:', 'img-src': 'data:' };

const pageOf = (html: string, needs: Needs): Page => ({ html, policy: pagePolicy(html, needs) });

const sendPage = (reply: FastifyReply, { html, policy }: Page): FastifyReply =>
  reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
    })
    .send(html);

const asksForPage = (request: FastifyRequest): boolean =>
  request.method === 'GET' &&
  request.routeOptions.url === GRAPHQL_PATH &&
  acceptsHtml(request.headers.accept) &&
  !new URLSearchParams(searchOf(request.url)).has('query');

/** Shows browsers Apollo Sandbox at /graphql, and GraphiQL, which needs no internet, at /graphiql. */
export const addExplorer = (app: FastifyInstance, { exampleQuery }: ExplorerOptions): void => {
  const sandbox = pageOf(sandboxPage(exampleQuery), SANDBOX_NEEDS);
  let offline: Promise<Page> | null = null;
  app.addHook('onRequest', async (request, reply) => {
    if (asksForPage(request)) return sendPage(reply, sandbox);
    return undefined;
  });
  app.get('/graphiql', async (_request, reply) => {
    offline ??= offlinePage(exampleQuery).then((html) => pageOf(html, GRAPHIQL_NEEDS));
    return sendPage(reply, await offline);
  });
};
