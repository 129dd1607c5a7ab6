import { UpstreamError } from '../../core/errors.ts';
import { type Answer, type Call, isClientStream, type Layer } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import type { LimitSettings } from '../options.ts';
import { neverProcessed, outcomeOf } from '../outcome.ts';
import { recordWait } from '../wait.ts';
import { gradientLimit } from './adaptive-limit.ts';
import { WaitingCalls } from './waiting-calls.ts';

/** The layer, with its state for operators. */
export interface Bulkhead {
  readonly layer: Layer;
  /** Number of calls in flight. */
  inFlight(): number;
  /** Number of calls that wait for a call in flight to end. */
  waiting(): number;
  /** Maximum number of calls in flight at present. */
  limit(): number;
  /** Starts waiting calls as far as there is room. Call it after any change that may create room. */
  wake(): void;
}

/** Returns the meaning of a failed call for the capacity of the upstream. */
type Sample = 'answered' | 'dropped' | 'ignored';

const sampleOf = (error: unknown, call: Call): Sample => {
  if (neverProcessed(error) || isClientStream(call)) return 'ignored';
  if (error instanceof UpstreamError && error.code === 'TIMEOUT') return 'dropped';
  switch (outcomeOf(error, call).is) {
    case 'success':
      return 'answered';
    case 'throttled':
      return 'dropped';
    default:
      return 'ignored';
  }
};

/** Determines the maximum number of calls in flight, and adapts it to the outcome of each call. */
interface Limiter {
  limit(): number;
  /**
   * Records an outcome. `ms` is the time to the answer, `inFlight` the number of calls in flight then, this one
   * included.
   */
  record(sample: Sample, ms: number, inFlight: number): void;
}

const fixed = (inFlight: number): Limiter => ({ limit: () => inFlight, record: () => {} });

const adaptive = ({ inFlight, adaptive: settings }: LimitSettings, { clock, random }: LayerDependencies): Limiter => {
  if (settings === null) return fixed(inFlight);
  const gradient = gradientLimit({ ...settings, random }, clock.now());
  return {
    limit: () => Math.min(inFlight, gradient.limit()),
    record: (sample, ms, concurrent) => {
      if (sample === 'dropped') gradient.dropped(clock.now());
      if (sample === 'answered') gradient.answered(ms, concurrent, clock.now());
    },
  };
};

/**
 * Limits the calls in flight to one upstream, streams included until they end, to `inFlight`, or to the adaptive limit
 * if that is lower, and to the number of calls that there is `capacity` for (default: any). At most `pending` further
 * calls wait in order of arrival; later ones are rejected immediately, and so are calls that would wait beyond their
 * deadline (see `WaitingCalls`). An aborted call leaves the queue. A falling
 * limit ends no call in flight.
 *
 * @throws UpstreamError SERVICE_UNAVAILABLE for a rejected call, which was not sent.
 */
export const bulkhead = (
  limits: LimitSettings,
  dependencies: LayerDependencies,
  capacity: () => number = () => Number.POSITIVE_INFINITY,
): Bulkhead => {
  const { clock } = dependencies;
  const limiter = adaptive(limits, dependencies);
  // A call that would only wait for a connection waits here, where the queue is bounded.
  const limit = () => Math.min(limiter.limit(), capacity());
  const queue = new WaitingCalls(limits.pending, dependencies);
  let inFlight = 0;

  /** Called whenever a call has ended or the limit may have risen. Waiting calls start before new ones. */
  const admit = () => {
    while (queue.size > 0 && inFlight < limit() && queue.startNext()) inFlight += 1;
  };
  const leave = () => {
    inFlight -= 1;
    admit();
  };

  /** Null if the call starts immediately: it is sent in the turn in which it arrives. */
  const enter = (call: Call): Promise<void> | null => {
    // The limit may have risen since the last call ended, and waiting calls are first.
    if (queue.size > 0) admit();
    if (inFlight < limit()) {
      inFlight += 1;
      return null;
    }
    call.signal.throwIfAborted();
    return queue.join(call, limit());
  };

  /** Records a call that has ended, or a stream at its first message. */
  const record = (sample: Sample, call: Call, ms: number): void => {
    limiter.record(sample, ms, inFlight);
    if (!isClientStream(call)) queue.ended(ms);
  };

  const waited = async (turn: Promise<void>, call: Call): Promise<void> => {
    const since = clock.now();
    try {
      await turn;
    } finally {
      recordWait(call, 'queue', clock.now() - since);
    }
  };

  const layer: Layer = (next) => async (call) => {
    const turn = enter(call);
    if (turn !== null) await waited(turn, call);
    const startedAt = clock.now();
    let answer: Answer;
    try {
      answer = await next(call);
      record(isClientStream(call) ? 'ignored' : 'answered', call, clock.now() - startedAt);
    } catch (error) {
      record(sampleOf(error, call), call, clock.now() - startedAt);
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
