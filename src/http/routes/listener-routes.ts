import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { RouteMatch, Routes } from '../../graph/routes/routes.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import type { Listener } from '../listener/listener.ts';
import { badRequest, RejectedError, rejection } from '../listener/rejection.ts';
import { routeErrorBody } from './route-error.ts';
import { type ServeRoute, type ServeRouteOptions, serveRoute } from './serve-route.ts';
import type { CloseCode } from './websocket/frame-reader.ts';
import { OpenTunnels, type TunnelLimits } from './websocket/open-tunnels.ts';
import { serveWebSocket } from './websocket/serve-websocket.ts';
import { addUpgrades } from './websocket/upgrades.ts';

/** The pass-through routes of one listener. */
export interface ListenerRoutes {
  match(request: IncomingMessage): RouteMatch;
  readonly serve: ServeRoute;
  /** Serves the WebSocket routes, if there are any. Call it before the server listens. */
  addWebSockets(listener: Listener, metrics: Pick<Metrics, 'webSocketClosed' | 'watchWebSockets'>): void;
}

const DEFAULT_LIMITS: TunnelLimits = { all: 10_000, perClient: 100 };

export interface ListenerRoutesOptions extends ServeRouteOptions {
  readonly routes: Routes;
  /** Default: 10,000 in all, 100 of one client. */
  readonly webSockets?: TunnelLimits | undefined;
}

const matchIn = (routes: Routes, { method = '', url = '', headers }: IncomingMessage): RouteMatch =>
  routes.match({ method, url, headers, host: headers.host ?? '' });

/** The path of the route of a request, for metrics, spans and the log; null for none. */
export const routeLabel = (routes: Routes, request: IncomingMessage): string | null => {
  const match = matchIn(routes, request);
  return match.is === 'found' ? match.route.pattern.path : null;
};

/** Returns the pass-through routes for a listener; null without any. */
export const listenerRoutes = ({
  routes,
  webSockets = DEFAULT_LIMITS,
  ...options
}: ListenerRoutesOptions): ListenerRoutes | null => {
  if (routes.all.length === 0) return null;
  const match = (request: IncomingMessage) => matchIn(routes, request);
  return {
    match,
    serve: serveRoute(options),
    addWebSockets: (listener, metrics) => {
      if (!routes.all.some(({ settings }) => settings.kind === 'websocket')) return;
      const tunnels = new OpenTunnels(webSockets);
      metrics.watchWebSockets(() => tunnels.count);
      const closed = (route: string, code: CloseCode | null) => metrics.webSocketClosed(route, code);
      addUpgrades(listener, match, serveWebSocket({ ...options, tunnels, closed }), tunnels);
    },
  };
};

const rejectionOfMatch = (match: Exclude<RouteMatch, { is: 'found' | 'none' }>): RejectedError => {
  switch (match.is) {
    case 'invalid':
      return badRequest(`Invalid URL: ${match.reason}.`);
    case 'other-method': {
      const headers = { allow: match.methods.join(', ') };
      return new RejectedError(rejection('METHOD_NOT_ALLOWED', `Use ${match.methods.join(' or ')}.`, { headers }));
    }
    case 'other-type':
      return new RejectedError(
        rejection('UNSUPPORTED_MEDIA_TYPE', 'The media type of the body is not supported here.'),
      );
    default:
      return match satisfies never;
  }
};

/** Adds the routes to a listener, for requests without a route of Fastify. Preflights are answered before. */
export const addRoutes = (app: FastifyInstance, { match, serve }: ListenerRoutes): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const found = request.is404 ? match(request.raw) : null;
    if (found === null || found.is === 'none') {
      done();
      return;
    }
    reply.hijack();
    const { exchange } = request;
    if (found.is === 'found') {
      serve(exchange, found);
      return;
    }
    exchange.bodyOf = routeErrorBody;
    exchange.reject(rejectionOfMatch(found));
  });
};
