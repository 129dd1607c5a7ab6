import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Call, callerOf, type Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { answered, type Outcome, outcomeOf } from '../outcome.ts';

const codeOf = (error: unknown): string | undefined => (error instanceof UpstreamError ? error.code : undefined);

const IGNORED: Outcome = { is: 'ignored' };

/**
 * A timeout in this last part of a call's time counts as the end of its deadline: backends enforce the deadline that
 * they received.
 */
const LAST_PART = 0.2;
const HTTP_GATEWAY_TIMEOUT = 504;
const GRPC_DEADLINE_EXCEEDED = 4;

const ranOutOfTime = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.code === 'TIMEOUT' || error.status === HTTP_GATEWAY_TIMEOUT || error.status === GRPC_DEADLINE_EXCEEDED);

/**
 * True if an attempt was ended from outside: the caller left, another attempt won, or the call's deadline passed. The
 * deadline says nothing about the endpoint, which may have had only a moment. An endpoint that never answers is
 * detected by attempts that had their full timeout.
 */
const endedByCaller = (call: Call, error: unknown, since: number, clock: Clock): boolean => {
  if (call.signal.aborted) return true;
  return ranOutOfTime(error) && call.deadline - clock.now() <= LAST_PART * (call.deadline - since);
};

/**
 * Reports the outcome of each attempt to the circuit of its endpoint, and starts the caller's pause after a 429. It
 * refuses nothing: the choice of an endpoint has considered circuits and pauses. A stream counts as answered once it is
 * established.
 */
export const circuit =
  ({ clock }: Pick<LayerDependencies, 'clock'>): Layer =>
  (next) =>
  async (call) => {
    if (call.member === undefined) return next(call);
    const since = call.chosenAt ?? clock.now();
    const permit = call.member.circuits.begin(call.route, callerOf(call));
    try {
      const answer = await next(call);
      permit.end(answered());
      return answer;
    } catch (error) {
      const outcome = endedByCaller(call, error, since, clock) ? IGNORED : outcomeOf(error, call);
      const ms = outcome.is === 'quota' ? outcome.retryAfterMs : null;
      if (ms !== null && ms > 0) call.member.callerPauses.pause(callerOf(call), ms, clock.now());
      permit.end(outcome, codeOf(error));
      throw error;
    }
  };
