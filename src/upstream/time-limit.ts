import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { type Answer, type Call, fork, type Layer, type Send } from './call.ts';
import type { Tools } from './events.ts';

const timedOut = (call: Call, ms: number) =>
  new UpstreamError('TIMEOUT', call, `no answer within ${Math.round(ms)} ms`);

/** What a time limit bounds: until there is an answer, or until nothing more comes of it. They differ for streams only. */
type Until = 'answered' | 'ended';

// Not Promise.race: the loser would keep its socket until the upstream felt like answering.
const within = async (ms: number, until: Until, call: Call, next: Send, clock: Clock): Promise<Answer> => {
  if (ms <= 0) throw timedOut(call, 0);
  const limited = fork(call);
  const timer = clock.after(ms, () => limited.abort(timedOut(call, ms)));
  const letGo = () => {
    timer.cancel();
    limited.release();
  };
  let underWay: Promise<void> | undefined;
  try {
    const answer = await next(limited.call);
    underWay = answer.ended;
    return answer;
  } finally {
    if (underWay === undefined) letGo();
    else {
      if (until === 'answered') timer.cancel();
      // Until the end of the stream its caller can end it.
      underWay.then(letGo, letGo);
    }
  }
};

/**
 * Ends a call, and a stream, at its deadline, and sends none whose deadline has passed. The call is aborted, not abandoned. Of
 * one that is `bounded` somebody else sees to that.
 */
export const deadline =
  (clock: Clock): Layer =>
  (next) =>
  (call) => {
    const ms = call.deadline - clock.now();
    return call.bounded === true && ms > 0 ? next(call) : within(ms, 'ended', call, next, clock);
  };

const isStream = ({ message }: Call): boolean => message.protocol === 'grpc' && message.streaming === true;

/**
 * Bounds one attempt, within whatever deadline surrounds it. The attempt is aborted: its socket is given up, or back.
 *
 * What an operator has decided for the time being replaces `timeoutMs`. Of a stream it bounds the time until there is one: how
 * long that may go on, and what the backend is told of it, is the deadline's business.
 */
export const timeout =
  ({ timeoutMs }: { readonly timeoutMs: number }, { clock, steering }: Pick<Tools, 'clock' | 'steering'>): Layer =>
  (next) =>
  (call) => {
    const now = clock.now();
    const end = Math.min(call.deadline, now + (steering.timeoutMs() ?? timeoutMs));
    return within(end - now, 'answered', isStream(call) ? call : { ...call, deadline: end }, next, clock);
  };
