import { UpstreamError } from '../../errors.ts';
import type { Answer, Call, Layer } from '../call.ts';
import { neverProcessed, verdictOn } from '../classify.ts';
import type { Tools } from '../events.ts';
import { NotProcessedError } from '../not-processed.ts';
import type { LimitSettings } from '../traffic.ts';
import { gradientLimit } from './gradient.ts';
import { Queue } from './queue.ts';

/** The layer, and what operators see of it. */
export interface Bulkhead {
  readonly layer: Layer;
  /** Calls under way. */
  inFlight(): number;
  /** Calls that wait for one of these to end. */
  waiting(): number;
  /** How many may be under way now. */
  limit(): number;
  /** Lets those who wait in as far as there is room: to be called when there may be more of it. */
  wake(): void;
}

/** What a call says about how many the upstream can take. */
type Lesson = 'answered' | 'dropped' | 'nothing';

const lessonOf = (error: unknown): Lesson => {
  if (neverProcessed(error)) return 'nothing';
  if (error instanceof UpstreamError && error.code === 'TIMEOUT') return 'dropped';
  switch (verdictOn(error).is) {
    case 'success':
      return 'answered';
    case 'throttled':
      return 'dropped';
    default:
      return 'nothing';
  }
};

/** What decides how many calls may be under way, and learns from each how it went. */
interface Limiter {
  limit(): number;
  /**
   * `ms` is how long the call took to be answered, `inFlight` how many were under way then, itself included. Null where there
   * is nothing to learn, and so nothing to measure.
   */
  readonly learn: ((lesson: Lesson, ms: number, inFlight: number) => void) | null;
}

const fixed = (inFlight: number): Limiter => ({ limit: () => inFlight, learn: null });

const adaptive = ({ inFlight, adaptive: settings }: LimitSettings, { clock, random }: Tools): Limiter => {
  if (settings === null) return fixed(inFlight);
  const gradient = gradientLimit({ ...settings, random }, clock.now());
  return {
    limit: () => Math.min(inFlight, gradient.limit()),
    learn: (lesson, ms, underWay) => {
      if (lesson === 'dropped') gradient.dropped(clock.now());
      if (lesson === 'answered') gradient.answered(ms, underWay, clock.now());
    },
  };
};

const refused = (call: Call): UpstreamError => {
  const reason = 'too many calls wait';
  return new UpstreamError('SERVICE_UNAVAILABLE', call, reason, { cause: new NotProcessedError(reason) });
};

/**
 * Keeps the calls of one upstream that are under way, streams until they end, to `inFlight`, or to fewer where the limit is
 * adaptive, and never to more than there is `capacity` for (default: any). At most `pending` more wait, first come, first
 * served; whoever comes then is refused at once. A caller who leaves leaves the queue. A limit that falls ends nothing that is
 * under way.
 *
 * @throws UpstreamError SERVICE_UNAVAILABLE for a call that is refused; nothing of it was sent.
 */
export const bulkhead = (
  limits: LimitSettings,
  tools: Tools,
  capacity: () => number = () => Number.POSITIVE_INFINITY,
): Bulkhead => {
  const { clock, report } = tools;
  const limiter = adaptive(limits, tools);
  // Whoever would only wait for a connection waits here, where waiting is bounded.
  const limit = () => Math.min(limiter.limit(), capacity());
  const queue = new Queue<() => void>();
  let inFlight = 0;

  /** To be called whenever a call has ended or the limit may have risen: whoever waits then comes before whoever comes next. */
  const admit = () => {
    while (queue.size > 0 && inFlight < limit()) {
      inFlight += 1;
      queue.next()?.();
    }
  };
  const leave = () => {
    inFlight -= 1;
    admit();
  };

  /** Settles once the call counts as under way, or its caller has left. */
  const turn = ({ signal }: Call): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        queue.leave(place);
        reject(signal.reason);
      };
      const place = queue.join(() => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      });
      signal.addEventListener('abort', giveUp, { once: true });
      admit();
    });

  /** Null where the call is under way at once, which costs nothing. */
  const enter = (call: Call): Promise<void> | null => {
    // The limit may have grown since the last call left, and those who wait come first.
    if (queue.size > 0) admit();
    if (inFlight < limit()) {
      inFlight += 1;
      return null;
    }
    call.signal.throwIfAborted();
    if (queue.size < limits.pending) return turn(call);
    report({ is: 'refusal', route: call.route, because: 'pending' });
    throw refused(call);
  };

  const layer: Layer = (next) => async (call) => {
    const place = enter(call);
    if (place !== null) await place;
    const startedAt = limiter.learn === null ? 0 : clock.now();
    let answer: Answer;
    try {
      answer = await next(call);
      limiter.learn?.('answered', clock.now() - startedAt, inFlight);
    } catch (error) {
      limiter.learn?.(lessonOf(error), clock.now() - startedAt, inFlight);
      leave();
      throw error;
    }
    if (answer.ended === undefined) leave();
    else {
      answer.ended.then(leave, leave);
      admit();
    }
    return answer;
  };

  return { layer, inFlight: () => inFlight, waiting: () => queue.size, limit, wake: admit };
};
