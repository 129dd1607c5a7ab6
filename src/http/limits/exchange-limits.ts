import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { networkOf } from '../../rate-limit/client-key.ts';
import type { Counters } from '../../rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../rate-limit/counters/memory-counters.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Quota, WindowState } from '../../rate-limit/limiter.ts';
import { MemoryLimiter } from '../../rate-limit/memory.ts';
import { BlockedCounters } from '../../rate-limit/rules/blocked-counters.ts';
import { CLIENT_POLICY, clientRule } from '../../rate-limit/rules/client-rule.ts';
import { type CountingParts, LimitedRequest, type LimitRefusal } from '../../rate-limit/rules/limited-request.ts';
import { NO_LIMITS } from '../../rate-limit/rules/rule.ts';
import { type Holders, RuleSet } from '../../rate-limit/rules/rule-set.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import { CLIENT_NAME_HEADER } from '../../telemetry/names.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { GuessLimit } from '../graphql/authentication.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';

/** Limits of requests. */
export interface RequestLimitOptions {
  /** The rules at this time: their file may change. */
  readonly rules: () => RuleSet;
  readonly counters: Counters;
  /** Number of refused credentials of one network; null for any. */
  readonly guesses: Quota | null;
}

/** Limits that consist of a quota of requests for each client. */
export const clientLimit = (quota: Quota, clock: Clock, counters: Counters = new MemoryCounters({ clock })) => {
  const rules = new RuleSet({ ...NO_LIMITS, rules: [clientRule(quota)] });
  return { rules: () => rules, counters, guesses: quota } satisfies RequestLimitOptions;
};

/** Milliseconds beyond the timeout of a request after which its places are free: its response is still sent. */
const SENDING_MS = 30_000;

const RETRY_AFTER_S = '1';

const unavailable = (): RejectedError =>
  new RejectedError(rejection('OVERLOADED', '', { headers: { 'retry-after': RETRY_AFTER_S } }));

/** A cost that the limit never admits: waiting does not help. */
const tooCostly = (): RejectedError =>
  new RejectedError(rejection('COST_LIMIT', 'The operation costs more than is allowed at once: request less.'));

const tooMany = (
  exchange: Exchange,
  { rule, retryMs }: LimitRefusal,
  headers: Readonly<Record<string, string>>,
): RejectedError => {
  exchange.trace.record.refused(rule.name === CLIENT_POLICY ? 'client' : 'rule');
  const seconds = retryAfter({ remaining: 0, resetMs: retryMs });
  const rejected = rejection('RATE_LIMITED', '', {
    headers: { ...headers, 'retry-after': String(seconds) },
    details: { retryAfter: seconds },
  });
  return new RejectedError(rule.message === null ? rejected : { ...rejected, message: rule.message });
};

/** Statuses of responses that count as refusals. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 413, 429, 431]);

const isRefused = ({ response }: Exchange): boolean => response.headersSent && REFUSALS.has(response.statusCode);

/** Counts the requests of a listener. */
export class ExchangeLimits {
  readonly guesses: GuessLimit | undefined;
  readonly #rules: RequestLimitOptions['rules'];
  readonly #parts: CountingParts;

  constructor({ rules, counters, guesses }: RequestLimitOptions, clock: Clock, requestTimeoutMs: number) {
    this.#rules = rules;
    this.#parts = { counters, blocked: new BlockedCounters(clock), holders: holdersOf(requestTimeoutMs + SENDING_MS) };
    this.guesses = guesses === null ? undefined : guessLimit(guesses, clock);
  }

  /**
   * Opens the limits of a request. With `atOnce` it is counted now; otherwise its operation is counted with it, unless no rule
   * reads one. Returns null, or a promise where a store counts.
   *
   * @throws RejectedError for a request above a limit; the promise rejects with it
   */
  admit(exchange: Exchange, principal: Principal, atOnce: boolean): Promise<void> | null {
    const rules = this.#rules();
    const { client, route, request, trace } = exchange;
    const facts = { principal, address: client.address, client: clientNameOf(request), route, operation: null };
    const limited = new LimitedRequest(facts, rules, this.#parts, trace.record);
    exchange.limits = limited;
    if (rules.needsEnd) exchange.onEnd(() => limited.end(isRefused(exchange)));
    const known = limited.refusedBefore();
    if (known !== null) throw refusalError(exchange, limited, known);
    return atOnce || !rules.needsOperation ? countedNow(exchange) : null;
  }
}

/** Names of the requests of this gateway: ids of requests can be chosen by clients. */
const holdersOf = (ms: number): Holders => {
  const gateway = randomUUID();
  let requests = 0;
  return {
    ms,
    next: () => {
      requests += 1;
      return `${gateway}:${requests}`;
    },
  };
};

const clientNameOf = ({ headers }: Exchange['request']): string | null => {
  const value = headers[CLIENT_NAME_HEADER];
  return typeof value === 'string' && value !== '' ? value : null;
};

const refusalError = (exchange: Exchange, counted: LimitedRequest, refusal: LimitRefusal): RejectedError => {
  if (refusal.isUncounted) return unavailable();
  if (!Number.isFinite(refusal.retryMs)) return tooCostly();
  return tooMany(exchange, refusal, counted.headers());
};

/** Sets the headers of a counted request. @throws RejectedError for a refused one */
const answerTo = (exchange: Exchange, limited: LimitedRequest, refusal: LimitRefusal | null): void => {
  if (refusal !== null) throw refusalError(exchange, limited, refusal);
  Object.assign(exchange.headers, limited.headers());
};

/**
 * Counts a request that is not counted yet, without an operation. Returns null, or a promise where a store counts.
 *
 * @throws RejectedError for a request above a limit; the promise rejects with it
 */
export const countedNow = (exchange: Exchange): Promise<void> | null => {
  const { limits } = exchange;
  if (limits === null) return null;
  const counted = limits.countOnce(null);
  if (counted instanceof Promise) return counted.then((refusal) => answerTo(exchange, limits, refusal));
  answerTo(exchange, limits, counted);
  return null;
};

/** Limits the refused credentials of each network to as many as the quota has requests. */
const guessLimit = (quota: Quota, clock: Clock): GuessLimit => {
  // In this process: a check takes no request to a store.
  const refused = new MemoryLimiter(quota, { clock });
  const tooManyGuesses = (exchange: Exchange, window: WindowState): RejectedError => {
    exchange.trace.record.refused('client');
    const seconds = retryAfter(window);
    const headers = {
      ...rateLimitHeaders({ policy: CLIENT_POLICY, quota, window }),
      'retry-after': String(seconds),
    };
    return new RejectedError(rejection('RATE_LIMITED', '', { headers, details: { retryAfter: seconds } }));
  };
  return {
    check: (exchange) => {
      const window = refused.usedUp(networkOf(exchange.client.address));
      if (window !== null) throw tooManyGuesses(exchange, window);
    },
    count: ({ client }) => void refused.consume(networkOf(client.address)),
  };
};

/** Counts a request whose credential was refused: it counts for its network. */
export const countRefusedCredential = (limits: ExchangeLimits, exchange: Exchange): Promise<void> | null =>
  limits.admit(exchange, ANONYMOUS, true);
