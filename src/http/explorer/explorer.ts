import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { acceptsAnswer, acceptsHtml, noticeType } from '../graphql/content-negotiation.ts';
import { GRAPHQL_PATH } from '../graphql/graphql-route.ts';
import { searchOf } from '../graphql/request-params.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { type Needs, pagePolicy, styleHash } from './content-security-policy.ts';
import { accountPage, offlinePage, sandboxPage } from './pages.ts';

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

const answer = (
  { exchange }: FastifyRequest,
  reply: FastifyReply,
  ...parts: Parameters<typeof exchange.answer>
): FastifyReply => {
  reply.hijack();
  exchange.answer(...parts);
  return reply;
};

const sendPage = (request: FastifyRequest, reply: FastifyReply, { html, policy }: Page): FastifyReply =>
  answer(
    request,
    reply,
    200,
    {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
    },
    html,
  );

/** Path of a URL without the query, as routes match it. */
const isGraphQLPath = (url: string): boolean => url.split('?', 1)[0] === GRAPHQL_PATH;

const isWithoutQuery = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && isGraphQLPath(url) && !new URLSearchParams(searchOf(url)).has('query');

/** True if a request to /graphql may be that of a browser for a page: the explorer, or the notice that it is off. */
export const mayRequestPage = (request: IncomingMessage): boolean => {
  const { accept } = request.headers;
  return isWithoutQuery(request) && (acceptsHtml(accept) || noticeType(accept) !== null);
};

/** Serves Apollo Sandbox to browsers at /graphql, where `/` leads, and GraphiQL, which works offline, at /graphiql. */
export const addExplorer = (app: FastifyInstance, { exampleQuery }: ExplorerOptions): void => {
  const sandbox = pageOf(sandboxPage(exampleQuery), SANDBOX_NEEDS);
  let offline: Promise<Page> | null = null;
  app.addHook('onRequest', async (request, reply) => {
    if (isWithoutQuery(request.raw) && acceptsHtml(request.headers.accept)) return sendPage(request, reply, sandbox);
    return undefined;
  });
  app.get('/', (request, reply) => {
    if (!acceptsHtml(request.headers.accept)) throw new RejectedError(rejection('NOT_FOUND', 'Not found.'));
    return reply.header('cache-control', 'no-store').redirect(GRAPHQL_PATH, 302);
  });
  app.get('/graphiql', async (request, reply) => {
    offline ??= offlinePage(exampleQuery).then((html) => pageOf(html, GRAPHIQL_NEEDS));
    return sendPage(request, reply, await offline);
  });
};

/** Path of the page that signs a customer of the demo in. */
export const ACCOUNT_PATH = '/graphiql/account';

/** Serves the page on which a customer of the demo signs in, and sees the own orders. */
export const addAccountPage = (app: FastifyInstance): void => {
  const html = accountPage();
  const page = pageOf(html, { 'style-src': styleHash(html), 'img-src': "'none'" });
  app.get(ACCOUNT_PATH, (request, reply) => sendPage(request, reply, page));
};

const OFF = 'The explorer is off. Set EXPLORER=on to turn it on.';
const OFF_PAGE = `<!doctype html><html lang="en"><title>The explorer is off</title><p>${OFF}</p></html>`;

/** Answers browsers at /graphql with a notice that the explorer is off. The status is that for any other client. */
export const addExplorerNotice = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    const { accept } = request.headers;
    const type = isWithoutQuery(request.raw) ? noticeType(accept) : null;
    if (type === null) return undefined;
    request.exchange.trace.record.failed('BAD_REQUEST');
    const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
    return answer(request, reply, acceptsAnswer(accept) ? 400 : 406, headers, type === 'text/html' ? OFF_PAGE : OFF);
  });
};
