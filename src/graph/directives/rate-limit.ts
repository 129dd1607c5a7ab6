import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { getSchemaCoordinate, rateLimitDirective } from 'graphql-rate-limit-directive';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../../core/errors.ts';
import type { Limit } from '../../execution/graph.ts';
import { clientKey } from '../../rate-limit/client-key.ts';
import { type RateLimitStatus, retryAfter } from '../../rate-limit/headers.ts';
import type { Limiter, OpenLimiter, Quota, WindowState } from '../../rate-limit/limiter.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { coordinate } from './authorization/requirement.ts';
import { directiveUses, type ModuleDocument, typeParts } from './type-parts.ts';

/** Directive of rate limits. */
export const RATE_LIMIT_SDL = `
  "At most \`limit\` executions of the field in \`duration\` seconds, for each user, or for each network of anonymous callers."
  directive @rateLimit(limit: Int!, duration: Int!) on FIELD_DEFINITION
`;

/** Quotas of all modules, by coordinate. A field without an entry is unlimited. */
export type FieldQuotas = ReadonlyMap<string, Quota>;

/** Reads every @rateLimit. Modules with the same field have the same quota, or the gateway does not start. */
export const fieldQuotasOf = (documents: readonly ModuleDocument[]): FieldQuotas =>
  new Map(
    typeParts(documents).flatMap(({ name: type, fields }) =>
      fields.flatMap(({ name, directives }) =>
        directiveUses(directives, 'rateLimit').map(({ limit, duration }): [string, Quota] => [
          coordinate(type, name.value),
          { limit: Number(limit), seconds: Number(duration) },
        ]),
      ),
    ),
  );

const statuses = new WeakMap<RequestContext, RateLimitStatus>();

const isTighter = ({ window }: RateLimitStatus, than: RateLimitStatus | undefined): boolean => {
  if (than === undefined || window.remaining < than.window.remaining) return true;
  return window.remaining === than.window.remaining && window.resetMs > than.window.resetMs;
};

/**
 * Returns the state of the limit with the least remaining requests among those of the request's fields; null without
 * limits.
 */
export const tightestLimit = (request: RequestContext): RateLimitStatus | null => statuses.get(request) ?? null;

/** The rate limit of one field: its counter's key, its status for the headers and its error, for both engines. */
export class FieldLimit implements Limit {
  readonly quota: Quota;
  readonly #coordinate: string;
  readonly #limiter: Limiter;

  constructor(at: string, quota: Quota, limiter: Limiter) {
    this.quota = quota;
    this.#coordinate = at;
    this.#limiter = limiter;
  }

  async count(request: RequestContext): Promise<GatewayError | null> {
    const result = await this.#limiter.consume(this.keyOf(request));
    this.record(request, result);
    return result.admitted ? null : this.refusal(request, result);
  }

  keyOf({ principal, clientAddress }: RequestContext): string {
    return `${this.#coordinate}:${clientKey(principal, clientAddress)}`;
  }

  /** Keeps the rest of the window for the headers of the response. */
  record(request: RequestContext, window: WindowState): void {
    const now = { policy: this.#coordinate, quota: this.quota, window };
    if (isTighter(now, statuses.get(request))) statuses.set(request, now);
  }

  refusal({ trace }: RequestContext, window: WindowState): GatewayError {
    trace.record.refused('field');
    const details = { retryAfter: retryAfter(window) };
    return new GatewayError('RATE_LIMITED', 'Rate limit of this field exceeded.', { details });
  }
}

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

const windowOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes): WindowState => ({
  remaining: remainingPoints,
  resetMs: msBeforeNext,
});

/** Opens one limiter for each quota: an operation counts together with others, whichever engine runs it. */
const oncePerQuota = (open: OpenLimiter): OpenLimiter => {
  const opened = new Map<string, Limiter>();
  return (quota) => {
    const name = `${quota.limit}/${quota.seconds}`;
    const limiter = opened.get(name) ?? open(quota);
    opened.set(name, limiter);
    return limiter;
  };
};

/** The rate limits of a graph, as plans and as delegation need them. */
export interface RateLimits {
  /** By coordinate. */
  readonly limits: ReadonlyMap<string, FieldLimit>;
  /**
   * Wraps every limited field of a schema for graphql-js. Apply it once, inside of authorisation, so that a refused
   * field consumes no limit.
   */
  readonly limitFields: (schema: GraphQLSchema) => GraphQLSchema;
}

/**
 * Opens the limits. Each execution of a field counts, including aliases and items of lists; one above the limit fails
 * with RATE_LIMITED before anything is fetched.
 */
export const openRateLimits = (quotas: FieldQuotas, openLimiter: OpenLimiter): RateLimits => {
  const open = oncePerQuota(openLimiter);
  const limits = new Map([...quotas].map(([at, quota]) => [at, new FieldLimit(at, quota, open(quota))]));
  const limitOf = (info: GraphQLResolveInfo): FieldLimit => {
    const limit = limits.get(getSchemaCoordinate(info));
    if (limit === undefined) throw new Error(`${getSchemaCoordinate(info)} has no rate limit.`);
    return limit;
  };
  const directive = rateLimitDirective<LimitedContext>({
    limiterClass: limiterClass(open),
    keyGenerator: (_limit, _source, _args, { request }, info) => limitOf(info).keyOf(request),
    setState: (response, _limit, _source, _args, { request }, info) =>
      limitOf(info).record(request, windowOf(response)),
    onLimit: (response, _limit, _source, _args, { request }, info) => {
      throw limitOf(info).refusal(request, windowOf(response));
    },
  });
  return { limits, limitFields: directive.rateLimitDirectiveTransformer };
};
