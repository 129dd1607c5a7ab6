import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { type RateLimitArgs, rateLimitDirective } from 'graphql-rate-limit-directive';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RequestContext } from '../backend/request-context.ts';
import { GatewayError } from '../errors.ts';
import { clientKey } from '../rate-limit/client-key.ts';
import { retryAfter, type Told } from '../rate-limit/headers.ts';
import type { Left, Limiter, OpenLimiter } from '../rate-limit/limiter.ts';

/** How often a field may be asked for. */
export const RATE_LIMIT_SDL = `
  "At most \`limit\` executions of the field in \`duration\` seconds, for each user, or each network of those who are not signed in."
  directive @rateLimit(limit: Int!, duration: Int!) on FIELD_DEFINITION
`;

/** What a resolver of a limited field is called with, as far as the limit needs it. */
interface LimitedContext {
  readonly request: RequestContext;
}

/** The directive's library makes its limiters by itself, of a class: one that counts with ours. */
const limiterClass = (open: OpenLimiter) =>
  class extends RateLimiterMemory {
    readonly #limiter: Limiter = open({ limit: this.points, seconds: this.duration });

    override async consume(key: string): Promise<RateLimiterRes> {
      const { admitted, remaining, resetMs } = await this.#limiter.consume(key);
      const counted = new RateLimiterRes(remaining, resetMs);
      // How a limiter of this library refuses: with what is no Error.
      if (!admitted) throw counted;
      return counted;
    }
  };

const coordinate = ({ parentType, fieldName }: GraphQLResolveInfo): string => `${parentType.name}.${fieldName}`;

const leftOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes): Left => ({
  remaining: remainingPoints,
  resetMs: msBeforeNext,
});

const told = new WeakMap<RequestContext, Told>();

const isTighter = ({ left }: Told, than: Told | undefined): boolean => {
  if (than === undefined || left.remaining < than.left.remaining) return true;
  return left.remaining === than.left.remaining && left.resetMs > than.left.resetMs;
};

/** Of the limits that a request's fields were counted against, the one with the least left; null where there was none. */
export const tightestLimit = (request: RequestContext): Told | null => told.get(request) ?? null;

/**
 * Puts its limit in front of every field of a module's schema that has one: each execution counts, aliases and items of lists
 * included, and one too many fails with RATE_LIMITED before anything is fetched for it. To be applied once to a schema, and
 * inside of its authorisation, so that whoever may not see a field uses up nothing.
 */
export const rateLimits = (open: OpenLimiter): ((schema: GraphQLSchema) => GraphQLSchema) =>
  rateLimitDirective<LimitedContext>({
    limiterClass: limiterClass(open),
    keyGenerator: (_limit, _source, _args, { request }, info) =>
      `${coordinate(info)}:${clientKey(request.principal, request.clientAddress)}`,
    onLimit: (response, _limit, _source, _args, { request }) => {
      request.trace.record.refused('field');
      const details = { retryAfter: retryAfter(leftOf(response)) };
      throw new GatewayError('RATE_LIMITED', 'The limit of this field is used up.', { details });
    },
    setState: (response, { limit, duration }: RateLimitArgs, _source, _args, { request }, info) => {
      const now = { policy: coordinate(info), quota: { limit, seconds: duration }, left: leftOf(response) };
      if (isTighter(now, told.get(request))) told.set(request, now);
    },
  }).rateLimitDirectiveTransformer;
