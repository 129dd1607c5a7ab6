import type { IncomingMessage } from 'node:http';
import type { FoundMatch } from '../../graph/routes/routes.ts';
import { Exchange } from '../exchange/exchange.ts';
import { mayRequestPage } from '../explorer/explorer.ts';
import type { ListenerConnections } from '../listener/connections.ts';
import type { Listener } from '../listener/listener.ts';
import { rejectAmbiguousRequest } from '../listener/reject-ambiguous-requests.ts';
import type { ListenerRoutes } from '../routes/listener-routes.ts';
import { GRAPHQL_PATH, type ServeGraphQL } from './graphql-route.ts';

const isForGraphQL = ({ method, url = '' }: IncomingMessage): boolean =>
  (method === 'POST' && url === GRAPHQL_PATH) || (method === 'GET' && url.startsWith(`${GRAPHQL_PATH}?`));

const isAmbiguous = (request: IncomingMessage): boolean => {
  try {
    rejectAmbiguousRequest(request);
    return false;
  } catch {
    return true;
  }
};

/**
 * True for a request that the hooks and routes in front of /graphql would pass on unchanged. Nothing of it has been
 * consumed: any other request goes through Fastify.
 */
const isDirect = (request: IncomingMessage, connections: ListenerConnections): boolean =>
  (request.httpVersion === '1.1' || request.httpVersion === '2.0') &&
  // It is its turn: no earlier request of its connection is in flight, and the listener is not about to close.
  connections.turnOf(request) === null &&
  !mayRequestPage(request) &&
  !isAmbiguous(request);

/**
 * Serves usual requests to /graphql and to pass-through routes in front of Fastify, without its hooks, router and request
 * objects. Call it before the server listens.
 */
export const addDirectEdge = (
  { app, connections, exchanges, check }: Listener,
  serve: ServeGraphQL,
  routes: ListenerRoutes | null = null,
): void => {
  /** True if the request passes the checks in front of all routes. Others are rejected. */
  const passes = (exchange: Exchange): boolean => {
    try {
      check(exchange);
      return true;
    } catch (error) {
      exchange.reject(error);
      return false;
    }
  };
  const serveDirectly = (exchange: Exchange): void => {
    if (passes(exchange)) serve(exchange);
  };
  const passDirectly = (exchange: Exchange, found: FoundMatch): void => {
    if (passes(exchange)) routes?.serve(exchange, found);
  };
  const { server, routing } = app;
  // Fastify's own listener.
  server.off('request', routing);
  server.on('request', (request, response) => {
    if (isForGraphQL(request)) {
      if (isDirect(request, connections)) serveDirectly(new Exchange(exchanges, request, response, GRAPHQL_PATH));
      else routing(request, response);
      return;
    }
    const found = routes?.match(request);
    if (found?.is !== 'found' || !isDirect(request, connections)) routing(request, response);
    else passDirectly(new Exchange(exchanges, request, response, found.route.pattern.path), found);
  });
};
