import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { traceOf } from '../access/observe-requests.ts';
import { acceptsAnswer, acceptsHtml, noticeType } from '../graphql/content-negotiation.ts';
import { GRAPHQL_PATH } from '../graphql/graphql-route.ts';
import { searchOf } from '../graphql/request-params.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { type Needs, pagePolicy } from './content-security-policy.ts';
import { offlinePage, sandboxPage } from './pages.ts';

export interface ExplorerOptions {
  /** Initial operation of the explorer; may be empty. */
  readonly exampleQuery: string;
}

/** A page with its Content-Security-Policy. */
interface Page {
  readonly html: string;
  readonly policy: string;
}

const APOLLO = 'https://*.apollographql.com';

// Sandbox sends its requests from this page. The policy allows this gateway and Apollo's hosts only.
const SANDBOX_NEEDS = {
  'script-src': 'https://embeddable-sandbox.cdn.apollographql.com',
  'frame-src': 'https://sandbox.embed.apollographql.com',
  'connect-src': `'self' ${APOLLO}`,
};

// Monaco, the editor of GraphiQL, starts its workers from blobs and embeds its fonts in its styles.
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

const isWithoutQuery = ({ method, routeOptions, url }: FastifyRequest): boolean =>
  method === 'GET' && routeOptions.url === GRAPHQL_PATH && !new URLSearchParams(searchOf(url)).has('query');

/** Serves Apollo Sandbox to browsers at /graphql, where `/` leads, and GraphiQL, which works offline, at /graphiql. */
export const addExplorer = (app: FastifyInstance, { exampleQuery }: ExplorerOptions): void => {
  const sandbox = pageOf(sandboxPage(exampleQuery), SANDBOX_NEEDS);
  let offline: Promise<Page> | null = null;
  app.addHook('onRequest', async (request, reply) => {
    if (isWithoutQuery(request) && acceptsHtml(request.headers.accept)) return sendPage(reply, sandbox);
    return undefined;
  });
  app.get('/', (request, reply) => {
    if (!acceptsHtml(request.headers.accept)) throw new RejectedError(rejection('NOT_FOUND', 'Not found.'));
    return reply.header('cache-control', 'no-store').redirect(GRAPHQL_PATH, 302);
  });
  app.get('/graphiql', async (_request, reply) => {
    offline ??= offlinePage(exampleQuery).then((html) => pageOf(html, GRAPHIQL_NEEDS));
    return sendPage(reply, await offline);
  });
};

const OFF = 'The explorer is off. Set EXPLORER=on to turn it on.';
const OFF_PAGE = `<!doctype html><html lang="en"><title>The explorer is off</title><p>${OFF}</p></html>`;

/** Answers browsers at /graphql with a notice that the explorer is off. The status is that for any other client. */
export const addExplorerNotice = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    const { accept } = request.headers;
    const type = isWithoutQuery(request) ? noticeType(accept) : null;
    if (type === null) return undefined;
    traceOf(request).record.failed('BAD_REQUEST');
    return reply
      .code(acceptsAnswer(accept) ? 400 : 406)
      .headers({ 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
      .send(type === 'text/html' ? OFF_PAGE : OFF);
  });
};
