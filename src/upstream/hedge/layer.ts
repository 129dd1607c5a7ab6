import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Answer, type Call, type Fork, fork, isRead, isStreaming, type Layer, type Send } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { HedgeSettings } from '../options.ts';
import { outcomeOf } from '../outcome.ts';
import type { RetryBudget } from '../retry/budget.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** Minimum number of recent reads that determine a percentile. */
const MIN_OBSERVATIONS = 20;

/** Reason with which an attempt is aborted after the other one has answered. The outcome of that attempt is ignored. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

type Turn = 'first' | 'second';

type Outcome =
  | { readonly is: 'answer'; readonly of: Turn; readonly answer: Answer }
  | { readonly is: 'failure'; readonly of: Turn; readonly error: unknown };

interface Run extends Fork {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
}

const begin = (of: Turn, call: Call, next: Send): Run => {
  const forked = fork(call);
  const outcome = next(forked.call).then(
    (answer): Outcome => ({ is: 'answer', of, answer }),
    (error: unknown): Outcome => ({ is: 'failure', of, error }),
  );
  return { ...forked, outcome };
};

const opened = (outcome: Outcome): Answer => {
  if (outcome.is === 'failure') throw outcome.error;
  return outcome.answer;
};

/** True if no other attempt can do better: there is an answer, if only a refusal of the request. */
const isFinal = (outcome: Outcome): boolean =>
  outcome.is === 'answer' || (outcome.error instanceof UpstreamError && outcomeOf(outcome.error).is === 'success');

/** Returns the outcome if it arrives within this time, else null. */
const within = (ms: number, outcome: Promise<Outcome>, clock: Clock): Promise<Outcome | null> => {
  const { promise, resolve } = Promise.withResolvers<Outcome | null>();
  const timer = clock.after(ms, () => resolve(null));
  void outcome.then((early) => {
    timer.cancel();
    resolve(early);
  });
  return promise;
};

/** Returns the first outcome that is final; the first attempt's if neither is. */
const better = async (first: Run, second: Run): Promise<Outcome> => {
  const sooner = await Promise.race([first.outcome, second.outcome]);
  if (isFinal(sooner)) return sooner;
  const outcomes = await Promise.all([first.outcome, second.outcome]);
  return outcomes.find(isFinal) ?? outcomes[0];
};

/** Sends the call a second time and aborts the attempt that is no longer needed. */
const race = async (first: Run, call: Call, next: Send): Promise<Outcome> => {
  const second = begin('second', call, next);
  const outcome = await better(first, second);
  const loser = outcome.of === 'first' ? second : first;
  loser.abort(new SupersededError('another attempt of this call has answered'));
  second.release();
  return outcome;
};

const mayHedge = (call: Call): boolean => call.idempotent && isRead(call) && !isStreaming(call);

/** True if this outcome measures the latency of a read. An abandoned attempt took at least the time waited for it. */
const isMeasure = (outcome: Outcome): boolean => {
  if (isFinal(outcome)) return true;
  if (outcome.is === 'answer' || outcome.error instanceof SupersededError) return true;
  return outcome.error instanceof UpstreamError && outcome.error.code === 'TIMEOUT';
};

/**
 * Sends a slow read a second time, to another endpoint if possible, and uses the answer that arrives first ("The Tail
 * at Scale"). A read is slow beyond `percentile` of the upstream's recent reads and beyond `minDelayMs`, from 20 reads
 * on. The other attempt is aborted with a `SupersededError`. While one attempt is in flight, the failure of the other
 * is not the call's; if both fail, the first attempt's error is thrown.
 *
 * Reads are GET, HEAD and gRPC methods declared safe. A call that is only idempotent is not sent twice at the same time.
 * Streams are not hedged. Each second attempt spends from the retry budget. Null settings disable hedging.
 */
export const hedge = (settings: HedgeSettings | null, budget: RetryBudget, dependencies: LayerDependencies): Layer => {
  if (settings === null) return (next) => next;
  const { clock, report, overrides } = dependencies;
  const latency = new LatencyHistogram();

  const hedgeDelay = (): number =>
    latency.weight < MIN_OBSERVATIONS
      ? Number.POSITIVE_INFINITY
      : Math.max(settings.minDelayMs, latency.quantile(settings.percentile));

  const maySendTwice = (call: Call): boolean => {
    if (!overrides.hedging()) return false;
    if (budget.take()) return true;
    report({ is: 'refusal', route: call.route, reason: 'budget' });
    return false;
  };

  const outcomeOf = async (first: Run, call: Call, next: Send): Promise<Outcome> => {
    const ms = hedgeDelay();
    if (ms >= call.deadline - clock.now()) return first.outcome;
    const early = await within(ms, first.outcome, clock);
    if (early !== null) return early;
    if (!maySendTwice(call)) return first.outcome;
    const outcome = await race(first, call, next);
    report({ is: 'hedge', route: call.route, won: outcome.of === 'second' && isFinal(outcome) });
    return outcome;
  };

  return (next) => async (call) => {
    if (!mayHedge(call)) return next(call);
    const startedAt = clock.now();
    const first = begin('first', call, next);
    void first.outcome.then((outcome) => {
      if (isMeasure(outcome)) latency.observe(clock.now() - startedAt);
    });
    try {
      return opened(await outcomeOf(first, call, next));
    } finally {
      first.release();
    }
  };
};
