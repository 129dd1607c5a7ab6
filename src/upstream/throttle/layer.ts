import { UpstreamError } from '../../core/errors.ts';
import type { Call, Layer } from '../call.ts';
import { NotProcessedError } from '../errors.ts';
import type { LayerDependencies } from '../events.ts';
import { outcomeOf } from '../outcome.ts';
import { CallWindow } from './call-window.ts';
import type { ThrottleSettings } from './throttle-options.ts';

/** Statuses by which a backend rejects a call because it has too many. Numbers up to 16 are gRPC's. */
const OVERLOAD: ReadonlySet<number> = new Set([
  429,
  503,
  8, // RESOURCE_EXHAUSTED
  14, // UNAVAILABLE
]);

/**
 * Returns true if the backend accepted a failed call, false if it rejected it for lack of capacity, and null if neither
 * is known.
 *
 * Without a response nothing is known: a lost connection or a timeout is for the circuit of its endpoint, and a refusal
 * of the gateway's own layers says nothing about the backend. The quota of one caller is no lack of capacity for others.
 */
const wasAccepted = (error: unknown, call: Call): boolean | null => {
  if (!(error instanceof UpstreamError) || error.response === undefined || error.status === null) return null;
  if (!OVERLOAD.has(error.status)) return true;
  return outcomeOf(error, call).is === 'quota' ? null : false;
};

/** Time without a refusal after which throttling has ended: a refusal now and then is one period of throttling. */
const QUIET_MS = 10_000;

/**
 * Adaptive throttling by the client (Site Reliability Engineering, chapter 21): a call is refused with the probability
 * `(calls - ratio * accepted) / (calls + 1)`, at most `maxRefused`, by the calls of the last `windowMs`.
 *
 * Calls count with their results, so that calls in flight at the start are no evidence of overload. Refused calls count
 * immediately, as calls that were not accepted. Null without settings.
 *
 * @throws UpstreamError SERVICE_UNAVAILABLE for a refused call, which was not sent.
 */
export const throttle = (
  settings: ThrottleSettings | null,
  { clock, random, report }: Pick<LayerDependencies, 'clock' | 'random' | 'report'>,
): Layer => {
  if (settings === null) return (next) => next;
  const { ratio, windowMs, maxRefused } = settings;
  const window = new CallWindow(windowMs, clock);
  /** Time of the last refusal; null outside of throttling. */
  let refusedAt: number | null = null;

  const counts = (): string => `${window.accepted} of ${window.calls} calls were accepted`;

  const refuse = (call: Call): never => {
    if (refusedAt === null) report({ is: 'throttle', to: 'started', reason: counts() });
    refusedAt = clock.now();
    window.count(false);
    report({ is: 'refusal', route: call.route, reason: 'throttled' });
    const reason = `throttled: ${counts()}`;
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause: new NotProcessedError(reason) });
  };

  const admit = (call: Call): void => {
    window.turn();
    const share = (window.calls - ratio * window.accepted) / (window.calls + 1);
    if (share > 0 && random() < Math.min(share, maxRefused)) refuse(call);
    if (refusedAt === null || clock.now() - refusedAt < QUIET_MS) return;
    refusedAt = null;
    report({ is: 'throttle', to: 'ended', reason: counts() });
  };

  return (next) => async (call) => {
    admit(call);
    try {
      const answer = await next(call);
      window.count(true);
      return answer;
    } catch (error) {
      const accepted = wasAccepted(error, call);
      if (accepted !== null) window.count(accepted);
      throw error;
    }
  };
};
