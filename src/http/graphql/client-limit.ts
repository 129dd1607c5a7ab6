import { type ClientIdentity, clientKey } from '../../rate-limit/client-key.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Limiter, Quota } from '../../rate-limit/limiter.ts';
import type { AnswerHeaders, Exchange } from '../exchange/exchange.ts';
import { type ExternalAuthorizationOptions, externallyAuthorized } from '../ext-authz/external-authorization.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { type Authenticated, type AuthenticationOptions, authentication, type Identify } from './authentication.ts';

/** Rate limit of requests for each client, regardless of their operations. */
export interface ClientLimit {
  readonly quota: Quota;
  readonly limiter: Limiter;
}

const POLICY = 'client';

/**
 * Creates the function that authenticates a request and counts it against its client's quota. A request with a rejected
 * credential counts for its network. A request above the quota is rejected with 429 before its body is read.
 */
export const clientLimit = ({ quota, limiter }: ClientLimit, authenticate: Identify): Identify => {
  const count = async (exchange: Exchange, client: ClientIdentity): Promise<void> => {
    const decision = await limiter.consume(`${POLICY}:${clientKey(client, exchange.client.address)}`);
    const headers = rateLimitHeaders({ policy: POLICY, quota, window: decision });
    if (decision.admitted) {
      Object.assign(exchange.headers, headers);
      return;
    }
    exchange.trace.record.refused('client');
    const seconds = retryAfter(decision);
    const waiting = { ...headers, 'retry-after': String(seconds) };
    throw new RejectedError(rejection('RATE_LIMITED', '', { headers: waiting, details: { retryAfter: seconds } }));
  };
  return async (exchange) => {
    let authenticated: Authenticated;
    try {
      authenticated = await authenticate(exchange);
    } catch (error) {
      await count(exchange, { kind: 'anonymous' });
      throw error;
    }
    await count(exchange, authenticated.principal);
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
  const authenticate = authentication(options);
  const counted = limit === undefined ? authenticate : clientLimit(limit, authenticate);
  return extAuthz === undefined ? counted : externallyAuthorized(counted, extAuthz);
};

/** Combines the headers of the client's limit with those of the limits of fields, in `fields`: client first. */
export const mergeLimitHeaders = (client: AnswerHeaders, fields: Record<string, string>): void => {
  for (const name of ['ratelimit-policy', 'ratelimit']) {
    const [first, second] = [client[name], fields[name]];
    if (first !== undefined && second !== undefined) fields[name] = `${first}, ${second}`;
  }
};
