import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { type Call, fork, type Layer, type Send } from './call.ts';

const timedOut = (call: Call, ms: number) =>
  new UpstreamError('TIMEOUT', call, `no answer within ${Math.round(ms)} ms`);

// Not Promise.race: the loser would keep its socket until the upstream felt like answering.
const within = async (ms: number, call: Call, next: Send, clock: Clock) => {
  if (ms <= 0) throw timedOut(call, 0);
  const limited = fork(call);
  const timer = clock.after(ms, () => limited.abort(timedOut(call, ms)));
  try {
    return await next(limited.call);
  } finally {
    timer.cancel();
    limited.release();
  }
};

/** Ends a call at its deadline, and sends none whose deadline has passed. The call is aborted, not abandoned. */
export const deadline =
  (clock: Clock): Layer =>
  (next) =>
  (call) =>
    within(call.deadline - clock.now(), call, next, clock);

/** Bounds one attempt, within whatever deadline surrounds it. The attempt is aborted: its socket is given up, or back. */
export const timeout =
  ({ timeoutMs }: { readonly timeoutMs: number }, clock: Clock): Layer =>
  (next) =>
  (call) => {
    const end = Math.min(call.deadline, clock.now() + timeoutMs);
    return within(end - clock.now(), { ...call, deadline: end }, next, clock);
  };
