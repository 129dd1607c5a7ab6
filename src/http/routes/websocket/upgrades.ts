import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FoundMatch, Routes } from '../../../graph/routes/routes.ts';
import { Exchange } from '../../exchange/exchange.ts';
import { hasBody } from '../../listener/lingering-close.ts';
import type { Listener } from '../../listener/listener.ts';
import { rejectAmbiguousRequest } from '../../listener/reject-ambiguous-requests.ts';
import { RejectedError, type Rejection, rejection } from '../../listener/rejection.ts';
import { rejectTunnel } from '../../listener/socket-errors.ts';
import { CLOSE } from './frame-reader.ts';
import type { OpenTunnels } from './open-tunnels.ts';
import type { ServeWebSocket } from './serve-websocket.ts';

const behindOthers = rejection(
  'BAD_REQUEST',
  'A WebSocket must be the first request of its connection, or follow answers.',
  {
    headers: { connection: 'close' },
  },
);

/** A response to a request on a connection that Node's parser has left. */
const responseOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  // A 101 leaves the connection open.
  response.once('finish', () => {
    if (response.statusCode >= 200) socket.destroySoon();
  });
  return response;
};

/** The rejection of an upgrade behind other requests. Denied addresses get that of every request. */
const rejectionBehindOthers = (
  { exchanges, check }: Listener,
  request: IncomingMessage,
  route: string | null,
): Rejection => {
  try {
    check({ client: exchanges.readClient(request), route, request, trace: null, rules: null });
  } catch (error) {
    if (error instanceof RejectedError) return error.rejection;
  }
  return behindOthers;
};

/**
 * Serves the upgrades of WebSocket routes, in front of Fastify. Requests that offer another upgrade, or one to another path,
 * stay requests: Node decides by the function that is set here (since 24.9). Call it before the server listens.
 */
export const addUpgrades = (
  listener: Listener,
  match: (request: IncomingMessage) => ReturnType<Routes['match']>,
  serve: ServeWebSocket,
  tunnels: OpenTunnels,
): void => {
  const { app, connections, exchanges, check, closing } = listener;
  const { server } = app;
  const found = (request: IncomingMessage): FoundMatch | null => {
    const { method, headers } = request;
    // A body makes it a plain request, which the route refuses.
    const isWebSocket = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody(request);
    const result = isWebSocket ? match(request) : null;
    return result?.is === 'found' && result.route.settings.kind === 'websocket' ? result : null;
  };
  Object.assign(server, { shouldUpgradeCallback: (request: IncomingMessage) => found(request) !== null });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const route = found(request);
    if (route === null || connections.requestsOn(socket).length > 0) {
      const path = route?.route.pattern.path ?? null;
      rejectTunnel(socket, connections, rejectionBehindOthers(listener, request, path));
      return;
    }
    // Node has removed its own listeners.
    socket.on('error', () => socket.destroy());
    const endTunnel = () => tunnels.closeOn(socket, CLOSE.goingAway, 'the certificate must be verified again');
    connections.tunnelEnds.set(socket, endTunnel);
    const exchange = new Exchange(exchanges, request, responseOn(request, socket), route.route.pattern.path);
    try {
      rejectAmbiguousRequest(request);
      check(exchange);
    } catch (error) {
      exchange.reject(error);
      return;
    }
    serve(exchange, route, head);
  });
  closing.addEventListener('abort', () => tunnels.closeAll(CLOSE.goingAway, 'the gateway restarts'), { once: true });
};
