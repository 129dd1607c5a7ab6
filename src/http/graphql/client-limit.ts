import type { Clock } from '../../core/clock.ts';
import { type ClientIdentity, clientKey, networkOf } from '../../rate-limit/client-key.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Limiter, Quota, WindowState } from '../../rate-limit/limiter.ts';
import { MemoryLimiter } from '../../rate-limit/memory.ts';
import type { AnswerHeaders, Exchange } from '../exchange/exchange.ts';
import { type ExternalAuthorizationOptions, externallyAuthorized } from '../ext-authz/external-authorization.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import {
  type Authenticated,
  type AuthenticationOptions,
  authentication,
  type GuessLimit,
  type Identify,
} from './authentication.ts';

/** Rate limit of requests for each client, regardless of their operations. */
export interface ClientLimit {
  readonly quota: Quota;
  readonly limiter: Limiter;
}

const POLICY = 'client';

const isCounted = (error: unknown): boolean =>
  !(error instanceof RejectedError && error.rejection.code === 'RATE_LIMITED');

/** Counts requests for their client. A request above the quota is rejected with 429. */
class CountedRequests {
  readonly #quota: Quota;
  readonly #limiter: Limiter;
  /** Refused credentials of each network, in this process: a check of it takes no request to a store. */
  readonly #refused: MemoryLimiter;

  constructor({ quota, limiter }: ClientLimit, clock: Clock) {
    this.#quota = quota;
    this.#limiter = limiter;
    this.#refused = new MemoryLimiter(quota, { clock });
  }

  /** Counts a request for a client. */
  async count(exchange: Exchange, client: ClientIdentity): Promise<void> {
    const decision = await this.#limiter.consume(`${POLICY}:${clientKey(client, exchange.client.address)}`);
    if (!decision.admitted) throw this.#tooMany(exchange, decision);
    Object.assign(exchange.headers, rateLimitHeaders({ policy: POLICY, quota: this.#quota, window: decision }));
  }

  /** Limits the refused credentials of each network to as many as the quota has requests. */
  get guesses(): GuessLimit {
    return {
      check: (exchange) => {
        const window = this.#refused.usedUp(networkOf(exchange.client.address));
        if (window !== null) throw this.#tooMany(exchange, window);
      },
      count: ({ client }) => void this.#refused.consume(networkOf(client.address)),
    };
  }

  #tooMany(exchange: Exchange, window: WindowState): RejectedError {
    exchange.trace.record.refused('client');
    const seconds = retryAfter(window);
    const headers = {
      ...rateLimitHeaders({ policy: POLICY, quota: this.#quota, window }),
      'retry-after': String(seconds),
    };
    return new RejectedError(rejection('RATE_LIMITED', '', { headers, details: { retryAfter: seconds } }));
  }
}

/**
 * Creates the function that authenticates a request and counts it against its client's quota. A request with a rejected
 * credential counts for its network. A request above the quota is rejected with 429 before its body is read. After as many refused credentials of a network as the quota has requests, further unknown ones are
 * rejected unverified: each costs a signature, an introspection or a read of a session.
 */
const clientLimit = (limit: ClientLimit, options: AuthenticationOptions): Identify => {
  const requests = new CountedRequests(limit, options.clock);
  const authenticate = authentication({ ...options, guesses: requests.guesses });
  return async (exchange) => {
    let authenticated: Authenticated;
    try {
      authenticated = await authenticate(exchange);
    } catch (error) {
      if (isCounted(error)) await requests.count(exchange, { kind: 'anonymous' });
      throw error;
    }
    await requests.count(exchange, authenticated.principal);
    return authenticated;
  };
};

export interface IdentificationOptions extends AuthenticationOptions {
  /** Default: none. */
  readonly clientLimit?: ClientLimit | undefined;
  /** The service that decides about each request. Default: none. */
  readonly extAuthz?: ExternalAuthorizationOptions | undefined;
}

/**
 * Creates the function that authenticates a request, counts it if clients have a limit, and then has the authorisation
 * service decide about it if there is one.
 */
export const identification = ({ clientLimit: limit, extAuthz, ...options }: IdentificationOptions): Identify => {
  const counted = limit === undefined ? authentication(options) : clientLimit(limit, options);
  return extAuthz === undefined ? counted : externallyAuthorized(counted, extAuthz);
};

/** Combines the headers of the client's limit with those of the limits of fields, in `fields`: client first. */
export const mergeLimitHeaders = (client: AnswerHeaders, fields: Record<string, string>): void => {
  for (const name of ['ratelimit-policy', 'ratelimit']) {
    const [first, second] = [client[name], fields[name]];
    if (first !== undefined && second !== undefined) fields[name] = `${first}, ${second}`;
  }
};
