import { Duplex } from 'node:stream';
import type { Clock } from '../../../core/clock.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { PassThroughRoute } from '../../../graph/routes/pass-through-route.ts';
import type { FoundMatch } from '../../../graph/routes/routes.ts';
import { clientKey } from '../../../rate-limit/client-key.ts';
import type { Principal } from '../../../request/principal.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Identify, VerifyAgain } from '../../graphql/authentication.ts';
import type { IdentifiedCaller } from '../../graphql/open-request-context.ts';
import { RejectedError, rejection } from '../../listener/rejection.ts';
import { REQUEST_ID_HEADER } from '../../listener/request-id.ts';
import { credentialLifeMs, watchCredential } from '../credential-watch.ts';
import { IdleWatch } from '../idle-watch.ts';
import { admitRequest, PassedExchange, receivedHeaders, rejectionOfFailure } from '../passed-exchange.ts';
import { routeErrorBody } from '../route-error.ts';
import { CLOSE, type CloseCode } from './frame-reader.ts';
import { isSameOrigin, rejectInvalidHandshake, upgradeHeaders } from './handshake.ts';
import type { OpenTunnels } from './open-tunnels.ts';
import { WebSocketTunnel } from './tunnel.ts';

export interface ServeWebSocketOptions {
  readonly clock: Clock;
  readonly identify: Identify;
  readonly verifyAgain: VerifyAgain;
  /** Milliseconds from the arrival of a handshake to its answer. */
  readonly requestTimeoutMs: number;
  readonly tunnels: OpenTunnels;
  /** Called when a WebSocket has ended. `code` is null if a side closed it itself. */
  readonly closed: (route: string, code: CloseCode | null) => void;
}

/** Answers the handshake of a WebSocket. `head` is what the client sent after it. */
export type ServeWebSocket = (exchange: Exchange, found: FoundMatch, head: Buffer) => void;

/** True for a page of an origin that may read answers. */
const isAllowedOrigin = ({ headers }: Exchange): boolean => headers['access-control-allow-origin'] !== undefined;

const rejectOtherOrigin = (exchange: Exchange): void => {
  if (!isSameOrigin(exchange.request) && !isAllowedOrigin(exchange))
    throw new RejectedError(rejection('FORBIDDEN', ''));
};

const takePlace = (tunnels: OpenTunnels, { client, trace }: Exchange, principal: Principal): (() => void) => {
  const admission = tunnels.admit(clientKey(principal, client.address));
  if (admission.is === 'admitted') return admission.release;
  if (admission.by === 'all') throw new GatewayError('OVERLOADED', 'Too many WebSockets.');
  trace.record.refused('client');
  throw new GatewayError('RATE_LIMITED', 'Too many WebSockets of this client.');
};

const EXPIRED = {
  user: 'the token has expired',
  certificate: 'the client certificate has expired',
  'api-key': 'the API key has expired',
  anonymous: '',
} as const satisfies Record<Principal['kind'], string>;

const ENDED = {
  user: 'the session or token is no longer valid',
  certificate: 'the client certificate is no longer valid',
  'api-key': 'the API key is no longer valid',
  anonymous: '',
} as const satisfies Record<Principal['kind'], string>;

const open = (
  exchange: Exchange,
  route: PassThroughRoute,
  principal: Principal,
  backend: Duplex,
  { clock, verifyAgain, tunnels, closed }: ServeWebSocketOptions,
  release: () => void,
): void => {
  const { settings, pattern } = route;
  if (settings.kind !== 'websocket') throw new Error(`${pattern.path} is no route of WebSockets`);
  const lifeMs = credentialLifeMs(exchange);
  const expires = lifeMs <= settings.maxDurationMs;
  const until = clock.now() + Math.min(lifeMs, settings.maxDurationMs);
  const watch = new IdleWatch(clock, settings.idleTimeoutMs, until, (by) => {
    if (by === 'idle') tunnel.close(CLOSE.goingAway, 'nothing was sent for too long');
    else if (expires) tunnel.close(CLOSE.policyViolation, EXPIRED[principal.kind]);
    else tunnel.close(CLOSE.goingAway, 'the maximum duration is over');
  });
  const tunnel = new WebSocketTunnel(exchange.request.socket, backend, {
    clock,
    maxMessageBytes: settings.maxMessageBytes,
    passed: (bytes, toClient) => {
      watch.touch();
      if (toClient) exchange.bytes += bytes;
    },
    closed: (code) => {
      watch.stop();
      unwatch();
      release();
      tunnels.remove(tunnel);
      closed(pattern.path, code);
    },
  });
  const ended = () => tunnel.close(CLOSE.policyViolation, ENDED[principal.kind]);
  const unwatch = watchCredential(exchange, { clock, verifyAgain }, { ended, mayOutlive: false });
  tunnels.add(tunnel, exchange.request.socket);
};

/** Creates the handler of WebSocket routes. */
export const serveWebSocket = (options: ServeWebSocketOptions): ServeWebSocket => {
  const { clock, identify, requestTimeoutMs, tunnels } = options;

  const connect = async (
    exchange: Exchange,
    { route, variables, query }: FoundMatch,
    caller: IdentifiedCaller,
    release: () => void,
  ): Promise<void> => {
    const { request, response } = exchange;
    const { context, watch } = new PassedExchange(exchange, caller, route, clock, requestTimeoutMs);
    await admitRequest(exchange, route, context, variables);
    const call = route.callFor(
      { method: 'GET', variables, query, headers: receivedHeaders(exchange), body: null, length: null },
      context,
    );
    const answer = await route.send(call);
    watch.stop();
    const backend = answer.value;
    if (!(backend instanceof Duplex)) throw new Error(`${route.upstream}: the answer of a WebSocket has no connection`);
    try {
      if (exchange.isOver) throw new GatewayError('TIMEOUT', 'The client has left.');
      const headers = upgradeHeaders(request, answer, call);
      response.writeHead(101, { ...headers, [REQUEST_ID_HEADER]: exchange.id });
      response.end();
      open(exchange, route, caller.principal, backend, options, release);
    } catch (error) {
      backend.destroy();
      throw error;
    }
  };

  const serve = async (exchange: Exchange, found: FoundMatch, head: Buffer): Promise<void> => {
    rejectInvalidHandshake(exchange.request, head);
    rejectOtherOrigin(exchange);
    const caller = await identify(exchange);
    const release = takePlace(tunnels, exchange, caller.principal);
    try {
      await connect(exchange, found, caller, release);
    } catch (error) {
      release();
      throw error;
    }
  };

  return (exchange, found, head) => {
    exchange.bodyOf = routeErrorBody;
    serve(exchange, found, head).catch((error) => exchange.reject(rejectionOfFailure(error)));
  };
};
