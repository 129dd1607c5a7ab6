import type { LoadShedding } from '../../rate-limit/overload/load-shedding.ts';
import type { AnswerHeaders, Exchange } from '../exchange/exchange.ts';
import { type ExternalAuthorizationOptions, externallyAuthorized } from '../ext-authz/external-authorization.ts';
import {
  type Authenticated,
  type AuthenticationOptions,
  authentication,
  type Identify,
} from '../graphql/authentication.ts';
import { RejectedError } from '../listener/rejection.ts';
import { countRefusedCredential, ExchangeLimits, type IsForeign, type RequestLimitOptions } from './exchange-limits.ts';

const isCounted = (error: unknown): boolean =>
  !(error instanceof RejectedError && error.rejection.code === 'RATE_LIMITED');

export interface IdentificationOptions extends AuthenticationOptions {
  /** Limits of requests. Default: none. */
  readonly limits?: RequestLimitOptions | undefined;
  /** The load shedding of the listener. Default: one of its own. */
  readonly shedding?: LoadShedding | undefined;
  /** True for a request that is counted with its operation. Default: no request has one. */
  readonly hasOperation?: (exchange: Exchange) => boolean;
  /** True for a refusal that any page can cause in a browser: it counts for no limit. Default: no refusal is one. */
  readonly isForeign?: IsForeign;
  /** The service that decides about each request. Default: none. */
  readonly extAuthz?: ExternalAuthorizationOptions | undefined;
}

/**
 * Creates the function that authenticates a request and counts it against its limits. A request with a refused credential counts
 * for its network. A request above a limit is rejected with 429 before its body is read, if no rule reads its operation. After as many refused credentials of a network as the client's quota has requests, further unknown ones are
 * rejected unverified: each costs a signature, an introspection or a read of a session.
 */
const limited = (
  options: RequestLimitOptions,
  {
    hasOperation = () => false,
    isForeign = () => false,
    shedding,
    ...rest
  }: Omit<IdentificationOptions, 'limits' | 'extAuthz'>,
): Identify => {
  const limits = new ExchangeLimits(options, rest.clock, rest.timeoutMs, isForeign, shedding);
  const authenticate = authentication({ ...rest, guesses: limits.guesses });
  return async (exchange) => {
    const priority = limits.enter(exchange);
    let authenticated: Authenticated;
    try {
      authenticated = await authenticate(exchange);
    } catch (error) {
      if (isCounted(error)) await countRefusedCredential(limits, exchange);
      throw error;
    }
    const counting = limits.admit(exchange, authenticated.principal, !hasOperation(exchange), priority);
    if (counting !== null) await counting;
    return authenticated;
  };
};

/**
 * Creates the function that authenticates a request, counts it if there are limits, and then has the authorisation service decide
 * about it if there is one.
 */
export const identification = ({ limits, extAuthz, ...options }: IdentificationOptions): Identify => {
  const counted = limits === undefined ? authentication(options) : limited(limits, options);
  return extAuthz === undefined ? counted : externallyAuthorized(counted, extAuthz);
};

/** Combines the headers of the request's limits with those of the limits of fields, in `fields`: the request's first. */
export const mergeLimitHeaders = (request: AnswerHeaders, fields: Record<string, string>): void => {
  for (const name of ['ratelimit-policy', 'ratelimit']) {
    const [first, second] = [request[name], fields[name]];
    if (first !== undefined && second !== undefined) fields[name] = `${first}, ${second}`;
  }
};
