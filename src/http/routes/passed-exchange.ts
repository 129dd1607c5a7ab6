import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.ts';
import { ClientGoneError, GatewayError } from '../../core/errors.ts';
import type { PassThroughRoute } from '../../graph/routes/pass-through-route.ts';
import type { PathVariables } from '../../graph/routes/route-table.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Principal, RequestContext } from '../../request/request-context.ts';
import { BodySourceError } from '../../upstream/stream/body-stream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { mergeLimitHeaders } from '../graphql/client-limit.ts';
import { forwardable } from '../graphql/open-request-context.ts';
import { IdleWatch } from './idle-watch.ts';
import { routeRejection } from './route-error.ts';

/** A request in flight: its context, and the limits of its time. */
export class PassedExchange {
  readonly context: RequestContext;
  readonly watch: IdleWatch;
  readonly #own = new AbortController();

  constructor(exchange: Exchange, principal: Principal, route: PassThroughRoute, clock: Clock, firstMs: number) {
    const { signal } = this.#own;
    // Every attempt adds a listener. Older versions of Node warn above 10.
    setMaxListeners(0, signal);
    const { maxDurationMs } = route.settings;
    this.context = {
      requestId: exchange.id,
      principal,
      headers: forwardable(exchange.request.headers),
      clientAddress: exchange.client.address,
      connection: exchange.client,
      deadline: clock.now() + maxDurationMs,
      signal,
      trace: exchange.trace,
    };
    this.watch = new IdleWatch(clock, firstMs, this.context.deadline, (by) =>
      this.#own.abort(
        new GatewayError(
          'TIMEOUT',
          by === 'idle' ? 'Nothing was transferred for too long.' : `The request took longer than ${maxDurationMs} ms.`,
        ),
      ),
    );
    route.inFlight += 1;
    exchange.onEnd(() => {
      route.inFlight -= 1;
      this.watch.stop();
      this.#own.abort(new ClientGoneError('The client closed its connection.'));
    });
    // Its end has been reported already.
    if (exchange.isOver) route.inFlight -= 1;
    if (exchange.isOver) this.#own.abort(new ClientGoneError('The client closed its connection.'));
  }
}

/** Counts a request against the limit of its route. @throws GatewayError RATE_LIMITED */
const countRequest = async (exchange: Exchange, route: PassThroughRoute, context: RequestContext): Promise<void> => {
  const counted = await route.count(context);
  if (counted === null) return;
  const limits: Record<string, string> = { ...rateLimitHeaders(counted) };
  mergeLimitHeaders(exchange.headers, limits);
  exchange.headers = { ...exchange.headers, ...limits };
  if (counted.isAdmitted) return;
  const details = { retryAfter: retryAfter(counted.window) };
  throw new GatewayError('RATE_LIMITED', 'Rate limit of this route exceeded.', { details });
};

/** Checks the requirements of a route, then its rate limit. @throws GatewayError */
export const admitRequest = async (
  exchange: Exchange,
  route: PassThroughRoute,
  context: RequestContext,
  variables: PathVariables,
): Promise<void> => {
  const refused = await route.authorize(context, variables);
  if (refused !== null) throw refused;
  await countRequest(exchange, route, context);
};

/** The error of a request for the client. */
export const rejectionOfFailure = (error: unknown): unknown => {
  const failure = error instanceof BodySourceError ? error.cause : error;
  return failure instanceof GatewayError ? routeRejection(failure) : failure;
};
