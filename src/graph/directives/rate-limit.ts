import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { type RateLimitArgs, rateLimitDirective } from 'graphql-rate-limit-directive';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../../core/errors.ts';
import { clientKey } from '../../rate-limit/client-key.ts';
import { type RateLimitStatus, retryAfter } from '../../rate-limit/headers.ts';
import type { Left, Limiter, OpenLimiter } from '../../rate-limit/limiter.ts';
import type { RequestContext } from '../../request/request-context.ts';

/** Directive of rate limits. */
export const RATE_LIMIT_SDL = `
  "At most \`limit\` executions of the field in \`duration\` seconds, for each user, or for each network of anonymous callers."
  directive @rateLimit(limit: Int!, duration: Int!) on FIELD_DEFINITION
`;

/** The part of a resolver's context that limits use. */
interface LimitedContext {
  readonly request: RequestContext;
}

/** Returns a limiter class for the directive's library, which creates the instances itself. */
const limiterClass = (open: OpenLimiter) =>
  class extends RateLimiterMemory {
    readonly #limiter: Limiter = open({ limit: this.points, seconds: this.duration });

    override async consume(key: string): Promise<RateLimiterRes> {
      const { admitted, remaining, resetMs } = await this.#limiter.consume(key);
      const counted = new RateLimiterRes(remaining, resetMs);
      // The library expects a rejection with a value that is no Error.
      if (!admitted) throw counted;
      return counted;
    }
  };

const coordinate = ({ parentType, fieldName }: GraphQLResolveInfo): string => `${parentType.name}.${fieldName}`;

const leftOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes): Left => ({
  remaining: remainingPoints,
  resetMs: msBeforeNext,
});

const statuses = new WeakMap<RequestContext, RateLimitStatus>();

const isTighter = ({ left }: RateLimitStatus, than: RateLimitStatus | undefined): boolean => {
  if (than === undefined || left.remaining < than.left.remaining) return true;
  return left.remaining === than.left.remaining && left.resetMs > than.left.resetMs;
};

/**
 * Returns the state of the limit with the least remaining requests among those of the request's fields; null without
 * limits.
 */
export const tightestLimit = (request: RequestContext): RateLimitStatus | null => statuses.get(request) ?? null;

/**
 * Wraps every field that has a limit. Each execution counts, including aliases and items of lists; one above the limit
 * fails with RATE_LIMITED before anything is fetched. Apply it once to a schema, inside of authorisation, so that a
 * refused field consumes no limit.
 */
export const rateLimits = (open: OpenLimiter): ((schema: GraphQLSchema) => GraphQLSchema) =>
  rateLimitDirective<LimitedContext>({
    limiterClass: limiterClass(open),
    keyGenerator: (_limit, _source, _args, { request }, info) =>
      `${coordinate(info)}:${clientKey(request.principal, request.clientAddress)}`,
    onLimit: (response, _limit, _source, _args, { request }) => {
      request.trace.record.refused('field');
      const details = { retryAfter: retryAfter(leftOf(response)) };
      throw new GatewayError('RATE_LIMITED', 'Rate limit of this field exceeded.', { details });
    },
    setState: (response, { limit, duration }: RateLimitArgs, _source, _args, { request }, info) => {
      const now = { policy: coordinate(info), quota: { limit, seconds: duration }, left: leftOf(response) };
      if (isTighter(now, statuses.get(request))) statuses.set(request, now);
    },
  }).rateLimitDirectiveTransformer;
