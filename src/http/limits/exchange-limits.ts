import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { networkOf } from '../../rate-limit/client-key.ts';
import type { Counters } from '../../rate-limit/counters/counters.ts';
import { MemoryCounters } from '../../rate-limit/counters/memory-counters.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Quota, WindowState } from '../../rate-limit/limiter.ts';
import { MemoryLimiter } from '../../rate-limit/memory.ts';
import { type EventLoopLoad, MeasuredEventLoop } from '../../rate-limit/overload/event-loop.ts';
import { LoadShedding } from '../../rate-limit/overload/load-shedding.ts';
import { isPriority, type Priority } from '../../rate-limit/overload/priority.ts';
import { BlockedCounters } from '../../rate-limit/rules/blocked-counters.ts';
import { CLIENT_POLICY, clientRule } from '../../rate-limit/rules/client-rule.ts';
import type { RequestFacts } from '../../rate-limit/rules/facts.ts';
import {
  type CountingParts,
  LimitedRequest,
  type LimitRefusal,
  type Refusal,
} from '../../rate-limit/rules/limited-request.ts';
import { type LimitFile, NO_LIMITS } from '../../rate-limit/rules/rule.ts';
import { type Holders, RuleSet } from '../../rate-limit/rules/rule-set.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import { CLIENT_NAME_HEADER } from '../../telemetry/names.ts';
import type { BatchedOperation } from '../exchange/batched-operation.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { GuessLimit } from '../graphql/authentication.ts';
import { isPreflighted } from '../graphql/reject-forged-requests.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';

/** Limits of requests. */
export interface RequestLimitOptions {
  /** The rules at this time: their file may change. */
  readonly rules: () => RuleSet;
  readonly counters: Counters;
  /** Number of refused credentials of one network; null for any. */
  readonly guesses: Quota | null;
  /** Returns the load of the event loop. Default: measured from the first request with a priority on. */
  readonly eventLoop?: () => EventLoopLoad;
}

/** Limits that consist of a quota of requests for each client. */
export const clientLimit = (quota: Quota, clock: Clock, counters: Counters = new MemoryCounters({ clock })) => {
  const rules = new RuleSet({ ...NO_LIMITS, rules: [clientRule(quota)] });
  return { rules: () => rules, counters, guesses: quota } satisfies RequestLimitOptions;
};

/** Milliseconds beyond the timeout of a request after which its places are free: its response is still sent. */
const SENDING_MS = 30_000;

const RETRY_AFTER_S = '1';

/** A request, or an operation of a batch, that is counted. */
type Counted = Pick<Exchange, 'trace'>;

const overloaded = ({ trace }: Counted): RejectedError => {
  trace.record.refused('overload');
  return new RejectedError(rejection('OVERLOADED', '', { headers: { 'retry-after': RETRY_AFTER_S } }));
};

/** A cost that the limit never admits: waiting does not help. */
const tooCostly = (): RejectedError =>
  new RejectedError(rejection('COST_LIMIT', 'The operation costs more than is allowed at once: request less.'));

const tooMany = (
  { trace }: Counted,
  { rule, retryMs }: LimitRefusal,
  headers: Readonly<Record<string, string>>,
): RejectedError => {
  trace.record.refused(rule.name === CLIENT_POLICY ? 'client' : 'rule');
  const seconds = retryAfter({ remaining: 0, resetMs: retryMs });
  const rejected = rejection('RATE_LIMITED', '', {
    headers: { ...headers, 'retry-after': String(seconds) },
    details: { retryAfter: seconds },
  });
  return new RejectedError(rule.message === null ? rejected : { ...rejected, message: rule.message });
};

/** Statuses of responses that count as refusals. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 413, 429, 431]);

/** True for a status of a request that a page of another site could have made a browser send, and that has no effect. */
export type IsForeign = (exchange: Exchange, status: number) => boolean;

/**
 * True for a response that counts as a refusal; that of a batch has the status of its first operation. Pages of other sites
 * must not get their visitors refused.
 */
const isRefused = (exchange: Exchange, isForeign: IsForeign): boolean => {
  const { response, request, batch } = exchange;
  const status = batch?.[0]?.status ?? response.statusCode;
  if (!response.headersSent || !REFUSALS.has(status)) return false;
  return status === 401 || isPreflighted(request.headers) || !isForeign(exchange, status);
};

/** Counts the requests of a listener. */
export class ExchangeLimits {
  readonly guesses: GuessLimit | undefined;
  readonly #rules: RequestLimitOptions['rules'];
  readonly #parts: CountingParts;
  readonly #isForeign: IsForeign;

  /** `shedding` is one for all routes of a listener: they share what the gateway can do. */
  constructor(
    options: RequestLimitOptions,
    clock: Clock,
    requestTimeoutMs: number,
    isForeign: IsForeign,
    shedding = loadShedding(options, clock),
  ) {
    const { rules, counters, guesses } = options;
    this.#rules = rules;
    this.#isForeign = isForeign;
    this.#parts = {
      counters,
      blocked: new BlockedCounters(clock),
      holders: holdersOf(requestTimeoutMs + SENDING_MS),
      shedding,
    };
    this.guesses = guesses === null ? undefined : guessLimit(guesses, clock);
  }

  /**
   * Rejects a request because of the load, before its caller is known, where its priority depends on neither caller nor operation.
   *
   * @throws RejectedError
   */
  enter(exchange: Exchange): Priority | null {
    const { priorities, file } = this.#rules();
    if (!priorities.isUsed) return null;
    const { shedding } = this.#parts;
    shedding.enter();
    let isIn = true;
    const leave = (): void => {
      if (isIn) shedding.leave();
      isIn = false;
    };
    exchange.onEnd(leave);
    // A stream is in flight for hours, and needs little then.
    exchange.onBegin = leave;
    if (exchange.isOver) leave();
    const priority = givenPriority(exchange, file) ?? priorities.early(factsOf(exchange, ANONYMOUS));
    if (priority !== null && !shedding.admits(priority, file.overload)) throw overloaded(exchange);
    return priority;
  }

  /**
   * Opens the limits of a request. With `atOnce` it is counted now; otherwise its operation is counted with it, unless no rule
   * reads one. Returns null, or a promise where a store counts.
   *
   * @throws RejectedError for a request above a limit; the promise rejects with it
   */
  admit(
    exchange: Exchange,
    principal: Principal,
    atOnce: boolean,
    priority: Priority | null = null,
  ): Promise<void> | null {
    const rules = this.#rules();
    const limited = new LimitedRequest(factsOf(exchange, principal), rules, this.#parts, exchange.trace.record);
    if (priority !== null) limited.hasPriority(priority);
    exchange.limits = limited;
    if (rules.needsEnd) {
      exchange.onEnd(() => limited.end(isRefused(exchange, this.#isForeign)));
      if (exchange.isOver) limited.end(false);
    }
    const known = limited.refusedBefore();
    if (known !== null) throw refusalError(exchange, limited, known);
    return atOnce || !rules.needsOperation ? countedNow(exchange) : null;
  }
}

/** The priority that a trusted proxy gives the request; null for none. */
const givenPriority = ({ client, request }: Exchange, { priorityHeader }: LimitFile): Priority | null => {
  const given = priorityHeader === null || !client.isForwarded ? null : request.headers[priorityHeader];
  return isPriority(given) ? given : null;
};

const factsOf = ({ client, route, request }: Exchange, principal: Principal): RequestFacts => ({
  principal,
  address: client.address,
  client: clientNameOf(request),
  route,
  operation: null,
});

/** Measures from the first call on. */
const measuredEventLoop = (clock: Clock): (() => EventLoopLoad) => {
  let eventLoop: EventLoopLoad | null = null;
  return () => {
    eventLoop ??= new MeasuredEventLoop(clock);
    return eventLoop;
  };
};

/** The load shedding of a listener. */
export const loadShedding = ({ eventLoop }: RequestLimitOptions, clock: Clock): LoadShedding =>
  new LoadShedding(eventLoop ?? measuredEventLoop(clock));

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

const refusalError = (counted: Counted, limited: LimitedRequest, refusal: Refusal): RejectedError => {
  if (refusal === 'overloaded') return overloaded(counted);
  if (!Number.isFinite(refusal.retryMs)) return tooCostly();
  return tooMany(counted, refusal, limited.headers());
};

/** Sets the headers of a counted request. @throws RejectedError for a refused one */
const answerTo = (exchange: Exchange, limited: LimitedRequest, refusal: Refusal | null): void => {
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

/** Counts a request with a refused credential, for its network. */
export const countRefusedCredential = (limits: ExchangeLimits, exchange: Exchange): Promise<void> | null =>
  limits.admit(exchange, ANONYMOUS, true);

/**
 * Opens the limits of an operation of a batch that is not the first: it is counted on its own, and its refusal counts as that of a
 * request of its own. The first operation has the limits of the request.
 */
export const siblingLimits = (exchange: Exchange, { trace }: Counted, status: () => number | null) => {
  const limited = exchange.limits?.sibling(trace.record) ?? null;
  if (limited === null) return null;
  exchange.onEnd(() => limited.end(exchange.response.headersSent && REFUSALS.has(status() ?? 0)));
  if (exchange.isOver) limited.end(false);
  return limited;
};

/** Counts an operation of a batch, unless it is counted. Rejects with a RejectedError for one above a limit. */
export const countedOperation = async ({ trace, limits }: BatchedOperation): Promise<void> => {
  const refusal = (await limits?.countOnce(null)) ?? null;
  if (limits !== null && refusal !== null) throw refusalError({ trace }, limits, refusal);
};
