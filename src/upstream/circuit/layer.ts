import type { Clock } from '../../clock.ts';
import { UpstreamError } from '../../errors.ts';
import { type Call, callerOf, type Layer } from '../call.ts';
import { answered, type Verdict, verdictOn } from '../classify.ts';
import type { Tools } from '../events.ts';

const codeOf = (error: unknown): string | undefined => (error instanceof UpstreamError ? error.code : undefined);

const NOTHING: Verdict = { is: 'nothing' };

/** Of the time that an attempt had, in which its end counts as that of the whole call: backends keep the time that they were told. */
const LAST_PART = 0.2;
const HTTP_GATEWAY_TIMEOUT = 504;
const GRPC_DEADLINE_EXCEEDED = 4;

const ranOutOfTime = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.code === 'TIMEOUT' || error.status === HTTP_GATEWAY_TIMEOUT || error.status === GRPC_DEADLINE_EXCEEDED);

/**
 * Whether an attempt was ended from outside: its caller left, another attempt won, or the whole call ran out of time.
 * The latter says nothing of the endpoint, which may have been given a moment only: what was slow came before it. An
 * endpoint that never answers is found by the attempts that had the time limit of an attempt to themselves.
 */
const endedByCaller = (call: Call, error: unknown, since: number, clock: Clock): boolean => {
  if (call.signal.aborted) return true;
  return ranOutOfTime(error) && call.deadline - clock.now() <= LAST_PART * (call.deadline - since);
};

/**
 * Reports the outcome of each attempt to the circuit of its endpoint, and pauses a caller that the endpoint has sent away for
 * a time. It refuses nothing: circuits and pauses were consulted when the endpoint was chosen. A stream counts as answered once
 * it is established.
 */
export const circuit =
  ({ clock }: Pick<Tools, 'clock'>): Layer =>
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
      const verdict = endedByCaller(call, error, since, clock) ? NOTHING : verdictOn(error, call);
      const ms = verdict.is === 'quota' ? verdict.retryAfterMs : null;
      if (ms !== null && ms > 0) call.member.callerPauses.pause(callerOf(call), ms, clock.now());
      permit.end(verdict, codeOf(error));
      throw error;
    }
  };
