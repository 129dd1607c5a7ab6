import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { ClientGoneError, GatewayError } from '../../core/errors.ts';
import type { PassThroughRoute } from '../../graph/routes/pass-through-route.ts';
import type { PathVariables } from '../../graph/routes/route-table.ts';
import { clientKey } from '../../rate-limit/client-key.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { ClientConnection, Principal, RequestContext } from '../../request/request-context.ts';
import type { RequestTrace } from '../../telemetry/request-trace.ts';
import { BodySourceError } from '../../upstream/stream/body-stream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { forwardable, type IdentifiedCaller } from '../graphql/open-request-context.ts';
import { mergeLimitHeaders } from '../limits/limited-identification.ts';
import type { ClientPlaces } from './client-places.ts';
import { type CredentialWatchOptions, watchCredential } from './credential-watch.ts';
import { type ExpiredBy, IdleWatch } from './idle-watch.ts';
import { routeRejection } from './route-error.ts';

/** The headers of a request, with the priority that the gateway has given it in place of one that its client sent. */
export const receivedHeaders = ({ request, limits }: Pick<Exchange, 'request' | 'limits'>): IncomingHttpHeaders => {
  const own = limits?.forwarded ?? null;
  return own === null ? request.headers : { ...request.headers, ...own };
};

/** The context of a request in flight. Its headers are copied when they are read: most routes read none by name. */
class PassedContext implements RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  readonly clientAddress: string;
  readonly connection: ClientConnection;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly trace: RequestTrace;
  readonly #received: IncomingHttpHeaders;
  readonly #caller: IdentifiedCaller;
  #headers: RequestContext['headers'] | null = null;

  constructor(
    { id, client, trace, request, limits }: Exchange,
    caller: IdentifiedCaller,
    deadline: number,
    signal: AbortSignal,
  ) {
    this.requestId = id;
    this.principal = caller.principal;
    this.#caller = caller;
    this.clientAddress = client.address;
    this.connection = client;
    this.deadline = deadline;
    this.signal = signal;
    this.trace = trace;
    this.#received = receivedHeaders({ request, limits });
  }

  get headers(): RequestContext['headers'] {
    this.#headers ??= forwardable(this.#received, this.#caller);
    return this.#headers;
  }
}

const gone = (): ClientGoneError => new ClientGoneError('The client closed its connection.');

/** A request in flight: its context, and the limits of its time. */
export class PassedExchange {
  readonly context: RequestContext;
  readonly watch: IdleWatch;
  readonly #exchange: Exchange;
  readonly #own = new AbortController();
  #isComplete = false;
  #isWatched = false;

  constructor(exchange: Exchange, caller: IdentifiedCaller, route: PassThroughRoute, clock: Clock, firstMs: number) {
    const { maxDurationMs } = route.settings;
    const deadline = clock.now() + maxDurationMs;
    this.context = new PassedContext(exchange, caller, deadline, this.#own.signal);
    this.#exchange = exchange;
    this.watch = new IdleWatch(clock, firstMs, deadline, (by) => this.#end(timedOut(by, maxDurationMs)));
    if (exchange.isOver) {
      this.watch.stop();
      this.#own.abort(gone());
      return;
    }
    route.inFlight += 1;
    exchange.onEnd(() => {
      route.inFlight -= 1;
      this.watch.stop();
      if (!this.#isComplete) this.#own.abort(gone());
    });
  }

  /**
   * The last byte of the answer has arrived: nothing is left to abort. The client must take what it has not received
   * yet within `idleMs`.
   */
  complete(idleMs: number): void {
    this.#isComplete = true;
    this.watch.limit(idleMs);
  }

  /** Ends the exchange once the credential of its caller is no longer valid. Call it for a body that passes as a stream. */
  watchCredential(options: CredentialWatchOptions, mayOutlive: boolean): void {
    if (this.#exchange.isOver || (this.#isWatched && mayOutlive)) return;
    this.#isWatched = true;
    const ended = () => this.#end(new GatewayError('UNAUTHENTICATED', 'The credential is no longer valid.'));
    this.#exchange.onEnd(watchCredential(this.#exchange, options, { ended, mayOutlive }));
  }

  #end(error: GatewayError): void {
    if (this.#isComplete) this.#exchange.cut(error.code);
    else this.#own.abort(error);
  }
}

const timedOut = (by: ExpiredBy, maxDurationMs: number): GatewayError =>
  new GatewayError(
    'TIMEOUT',
    by === 'idle' ? 'Nothing was transferred for too long.' : `The request took longer than ${maxDurationMs} ms.`,
  );

/** Seconds after which a client with too many requests may try again. */
const PLACE_RETRY_SECONDS = 1;

/** Takes a place of the client until the end of the exchange. @throws GatewayError RATE_LIMITED */
export const takePlace = (exchange: Exchange, principal: Principal, places: ClientPlaces): void => {
  if (exchange.isOver) return;
  const free = places.take(clientKey(principal, exchange.client.address));
  if (free !== null) {
    exchange.onEnd(free);
    return;
  }
  exchange.trace.record.refused('client');
  const details = { retryAfter: PLACE_RETRY_SECONDS };
  throw new GatewayError('RATE_LIMITED', 'Too many requests of this client are in flight.', { details });
};

/** Counts a request against the limit of its route. @throws GatewayError RATE_LIMITED */
const countRequest = async (exchange: Exchange, route: PassThroughRoute, context: RequestContext): Promise<void> => {
  const counted = await route.count(context);
  if (counted === null) return;
  const limits: Record<string, string> = { ...rateLimitHeaders(counted) };
  mergeLimitHeaders(exchange.headers, limits);
  Object.assign(exchange.headers, limits);
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
