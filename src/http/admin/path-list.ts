import type { FastifyInstance } from 'fastify';
import { acceptsHtml } from '../graphql/content-negotiation.ts';

/** Purpose of each path of the admin listener. Paths without a route are not listed. */
const PURPOSES: Readonly<Record<string, string>> = {
  '/livez': 'The process responds.',
  '/readyz': 'The gateway accepts traffic.',
  '/health': 'State of every endpoint, probed on request.',
  '/status':
    'State of the upstreams (endpoints, circuits, latency, recent events), routes, and certificates of listeners.',
  '/overrides': 'Temporary decisions of operators. PUT replaces the list.',
  '/registrations': 'Endpoints that registered themselves.',
  '/metrics': 'Metrics in Prometheus text format.',
};

const pageOf = (paths: Readonly<Record<string, string>>): string => {
  const items = Object.entries(paths).map(([path, purpose]) => `<li><a href="${path}">${path}</a> ${purpose}</li>`);
  return [
    '<!doctype html>',
    '<html lang="en"><meta charset="utf-8"><title>Tributary: admin</title>',
    `<h1>Tributary: admin</h1><ul>${items.join('')}</ul></html>`,
  ].join('\n');
};

/** Adds `GET /`: the paths of this listener with their purpose, as a page for browsers and as JSON otherwise. */
export const addPathList = (app: FastifyInstance): void => {
  app.get('/', (request, reply) => {
    const paths = Object.fromEntries(Object.entries(PURPOSES).filter(([url]) => app.hasRoute({ method: 'GET', url })));
    const isPage = acceptsHtml(request.headers.accept);
    return reply
      .headers({
        'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      })
      .send(isPage ? pageOf(paths) : JSON.stringify({ paths }));
  });
};
