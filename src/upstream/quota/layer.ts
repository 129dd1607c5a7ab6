import { wallTime } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { CallCounter, ProviderState } from '../../rate-limit/call-counter.ts';
import type { Call, Layer } from '../call.ts';
import { rateLimitState } from '../error-response/rate-limit-wait.ts';
import { WithheldError } from '../errors.ts';
import type { LayerDependencies } from '../events.ts';
import type { QuotaSettings } from './quota-options.ts';

/** The quota of one upstream with its counter. */
export interface CallQuota {
  readonly settings: QuotaSettings;
  readonly counter: CallCounter;
}

type Headers = Readonly<Record<string, string>>;

const TOO_MANY_REQUESTS = 429;
const RESOURCE_EXHAUSTED = 8;

/** Error of a call that is not sent because no call is left. Never retried: another attempt is a call as well. */
export const withheld = (call: Call, reason: string, retryMs: number): UpstreamError =>
  new UpstreamError('RATE_LIMITED', call, reason, {
    cause: new WithheldError(reason),
    retryAfterMs: retryMs,
    noRetry: true,
    details: { retryAfter: Math.max(1, Math.ceil(retryMs / 1_000)) },
  });

/** The headers of the answer or error response, and the wait that a rejection for too many calls states. */
const statedBy = (error: unknown): { readonly headers: Headers; readonly retryMs: number | null } | null => {
  if (!(error instanceof UpstreamError) || error.response === undefined) return null;
  const isRejection = error.status === TOO_MANY_REQUESTS || error.status === RESOURCE_EXHAUSTED;
  const retryMs = isRejection || error.code === 'RATE_LIMITED' ? error.retryAfterMs : null;
  return { headers: error.response.headers, retryMs };
};

/**
 * Counts each attempt against the quota of the provider. An attempt beyond it is not sent.
 *
 * The rate limit headers of answers, and the `Retry-After` of a 429, correct the count, for `perSeconds` at most. If
 * the upstream distinguishes callers, they concern the caller's own quota at the provider and correct nothing.
 *
 * @throws UpstreamError RATE_LIMITED with `retryAfter`
 */
export const providerQuota = (own: CallQuota | null, { report }: Pick<LayerDependencies, 'report'>): Layer => {
  if (own === null) return (next) => next;
  const { counter, settings } = own;
  const maxMs = settings.perSeconds * 1_000;

  const correct = (call: Call, ordinal: number, headers: Headers, retryMs: number | null): void => {
    if (call.isIdentified === true) return;
    const stated = rateLimitState(headers, wallTime());
    const state: Omit<ProviderState, 'ordinal'> | null =
      retryMs !== null && retryMs > 0 ? { remaining: 0, resetMs: Math.max(retryMs, stated?.resetMs ?? 0) } : stated;
    if (state !== null) counter.correct({ ...state, resetMs: Math.min(state.resetMs, maxMs), ordinal });
  };

  return (next) => async (call) => {
    const taken = await counter.take();
    if (!taken.admitted) {
      report({ is: 'refusal', route: call.route, reason: 'quota' });
      throw withheld(call, 'the quota of the provider is used up', taken.retryMs);
    }
    call.signal.throwIfAborted();
    try {
      const answer = await next(call);
      correct(call, taken.ordinal, answer.headers, null);
      return answer;
    } catch (error) {
      const stated = statedBy(error);
      if (stated !== null) correct(call, taken.ordinal, stated.headers, stated.retryMs);
      throw error;
    }
  };
};
