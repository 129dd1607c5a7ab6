import type { Clock } from '../core/clock.ts';
import { UpstreamError } from '../core/errors.ts';
import {
  type Answer,
  type Call,
  type Copy,
  copyOf,
  isClientStream,
  isStreaming,
  type Layer,
  passedBody,
  type Send,
} from './call.ts';
import type { LayerDependencies } from './events.ts';
import type { BodyStream } from './stream/body-stream.ts';

const timedOut = (call: Call, ms: number) =>
  new UpstreamError('TIMEOUT', call, `no answer within ${Math.round(ms)} ms`);

/** End of a limit: the answer, or the end of the call. They differ for streams only. */
type Until = 'answered' | 'ended';

/** A time limit and its timer. */
interface Limit {
  readonly now: number;
  readonly end: number;
  readonly clock: Clock;
  readonly until: Until;
  /** Body that must be sent first, after which the limit is `ms`. Default: none. */
  readonly after?: { readonly body: BodyStream; readonly ms: number } | null;
}

const ONCE = { once: true };

// Not Promise.race: the loser would keep its socket until the upstream answers.
const within = async ({ now, end, clock, until, after }: Limit, limited: Copy, next: Send): Promise<Answer> => {
  if (end <= now) throw timedOut(limited, 0);
  const { signal } = limited;
  const own = new AbortController();
  const follow = () => own.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, ONCE);
  limited.signal = own.signal;
  let timer = clock.after(end - now, () => own.abort(timedOut(limited, end - now)));
  after?.body.onSent(() => {
    const ms = Math.min(after.ms, end - clock.now());
    timer.cancel();
    timer = clock.after(ms, () => own.abort(timedOut(limited, ms)));
  });
  const release = () => {
    after?.body.onSent(() => {});
    timer.cancel();
    signal.removeEventListener('abort', follow);
  };
  let ended: Promise<void> | undefined;
  try {
    const answer = await next(limited);
    ended = answer.ended;
    return answer;
  } finally {
    if (ended === undefined) release();
    else {
      if (until === 'answered') {
        after?.body.onSent(() => {});
        timer.cancel();
      }
      // Until the stream ends, its caller can abort it.
      ended.then(release, release);
    }
  }
};

/**
 * Aborts a call, or a stream, at its deadline, and rejects a call with a deadline that has passed. A `bounded` call is
 * aborted by the owner of its signal.
 */
export const deadline =
  (clock: Clock): Layer =>
  (next) =>
  (call) => {
    const now = clock.now();
    if (call.bounded === true && call.deadline > now) return next(call);
    return within({ now, end: call.deadline, clock, until: 'ended' }, copyOf(call), next);
  };

/**
 * Aborts an attempt at its timeout or at the deadline, whichever is earlier.
 *
 * An override replaces `timeoutMs`. For a stream the timeout ends with its establishment; the deadline bounds the rest
 * and is sent to the backend. A call with a stream of requests has its deadline only; that of a pass-through route has
 * the timeout from the end of its body.
 */
export const timeout =
  (
    { timeoutMs }: { readonly timeoutMs: number },
    { clock, overrides }: Pick<LayerDependencies, 'clock' | 'overrides'>,
  ): Layer =>
  (next) =>
  (call) => {
    const now = call.chosenAt ?? clock.now();
    const ms = overrides.timeoutMs() ?? timeoutMs;
    const end = isClientStream(call) ? call.deadline : Math.min(call.deadline, now + ms);
    const limited = copyOf(call);
    if (!isStreaming(call)) limited.deadline = end;
    const body = passedBody(call);
    return within({ now, end, clock, until: 'answered', after: body && { body, ms } }, limited, next);
  };
