import { UpstreamError } from '../../errors.ts';
import { type Call, copyOf, type Layer, type Send } from '../call.ts';
import { isLostConnection, neverProcessed } from '../classify.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Tools } from '../events.ts';
import { LeftOutError, NoEndpointError } from '../not-processed.ts';
import type { RetrySettings } from '../traffic.ts';
import { retriedStatuses, worthAnother } from './again.ts';
import { backoff } from './backoff.ts';
import type { RetryBudget } from './budget.ts';
import { pause } from './pause.ts';

const foundNoEndpoint = (error: unknown): boolean =>
  error instanceof UpstreamError && error.cause instanceof NoEndpointError;

/** Of one call: connections that carry answers go away one at a time. */
const MOST_FREE = 3;

/** How far the attempts of a call have got. */
interface Progress {
  readonly visited: ReadonlySet<Endpoint>;
  readonly attempt: number;
  readonly previousMs: number;
  /** How many of the attempts count as none. */
  readonly free: number;
}

/** Whether an upstream has an endpoint that takes calls and is none of these. */
export type HasOthers = (visited: ReadonlySet<Endpoint>) => boolean;

/**
 * Sends a call again where that is harmless and may help (see `worthAnother`), within whatever deadline surrounds it.
 *
 * What never reached a backend, or met a time limit, is sent again at once, the first time. Otherwise it waits with
 * decorrelated jitter, from `baseMs` to `maxMs`. When a server says how long to wait, calls are kept from its endpoint, not from the others; where there
 * is no other, a gRPC server's word is the exact wait (gRFC A6). After a time limit a call goes elsewhere or nowhere: the
 * endpoint that did not answer would only be waited for once more. A wait that the deadline would end is not begun. Every
 * further attempt spends from the budget, and each call deposits there. An attempt that ended with its connection (a graceful
 * GOAWAY, or an idle connection closed before an answer) costs nothing and is not counted, up to three times a call: a
 * connection is lost this way once, after it has carried an answer, so these attempts stay below the calls that were answered. Every call gets its `visited` here, so that further attempts go elsewhere.
 *
 * Null settings: every call is sent once. An answer is an answer: of a stream that has begun nothing is sent again.
 *
 * @throws the last attempt's error, unchanged; the first one's where a further attempt found no endpoint.
 */
export const retry = (
  settings: RetrySettings | null,
  budget: RetryBudget,
  tools: Tools,
  hasOthers: HasOthers = () => true,
): Layer => {
  if (settings === null)
    return (next) => (call) => {
      budget.called();
      const only = copyOf(call);
      only.visited = new Set();
      return next(only);
    };
  const { clock, random, report, steering } = tools;
  const statuses = retriedStatuses(settings);

  /** How long to wait before the attempt after this error. */
  const waitFor = (call: Call, error: UpstreamError, { visited, attempt, previousMs }: Progress): number => {
    if (error.retryAfterMs !== null && call.message.protocol === 'grpc' && !hasOthers(visited))
      return error.retryAfterMs;
    // Nobody is spared by a wait where nothing was sent, or where enough was waited for already, elsewhere.
    const isFirst = attempt === 1 || error.cause instanceof LeftOutError;
    const isAtOnce = isFirst && (neverProcessed(error) || error.code === 'TIMEOUT');
    return isAtOnce ? 0 : backoff(settings, previousMs, random);
  };

  /** The next attempt, paid for; null where there is to be none. */
  const another = (call: Call, error: unknown, progress: Progress) => {
    if (call.signal.aborted || !steering.retries() || !worthAnother(call, error, statuses)) return null;
    // A connection that went away says nothing about the endpoint: not counted as a retry (gRFC A6, transparent retries).
    const isFree = progress.free < MOST_FREE && isLostConnection(error.cause);
    if (!isFree && progress.attempt - progress.free >= settings.attempts) return null;
    const elsewhere = error.code === 'TIMEOUT';
    if (elsewhere && !hasOthers(progress.visited)) return null;
    const ms = waitFor(call, error, progress);
    if (call.deadline - clock.now() <= ms) return null;
    if (isFree || budget.take()) return { ms, elsewhere, isFree, because: error.code };
    report({ is: 'refusal', route: call.route, because: 'budget' });
    return null;
  };

  return (next: Send) => async (call) => {
    budget.called();
    const visited = new Set<Endpoint>();
    let firstError: unknown;
    let previousMs = settings.baseMs;
    let elsewhere = false;
    let free = 0;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const copy = copyOf(call);
        copy.attempt = attempt;
        copy.visited = visited;
        copy.elsewhere = elsewhere;
        return await next(copy);
      } catch (error) {
        if (attempt === 1) firstError = error;
        const granted = another(call, error, { visited, attempt, previousMs, free });
        if (granted === null) throw foundNoEndpoint(error) ? firstError : error;
        if (granted.ms > 0) await pause(granted.ms, call.signal, clock);
        report({ is: 'retry', route: call.route, because: granted.because });
        elsewhere = granted.elsewhere;
        if (granted.isFree) free += 1;
        previousMs = Math.max(granted.ms, settings.baseMs);
      }
    }
  };
};
