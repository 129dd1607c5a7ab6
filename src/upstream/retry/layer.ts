import { UpstreamError } from '../../core/errors.ts';
import { type Call, copyOf, type Layer, type Send } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { LeftOutError, NoEndpointError } from '../errors.ts';
import type { LayerDependencies } from '../events.ts';
import type { RetrySettings } from '../options.ts';
import { isLostConnection, neverProcessed } from '../outcome.ts';
import { backoff } from './backoff.ts';
import type { RetryBudget } from './budget.ts';
import { isRetryable } from './is-retryable.ts';
import { sleep } from './sleep.ts';

const foundNoEndpoint = (error: unknown): boolean =>
  error instanceof UpstreamError && error.cause instanceof NoEndpointError;

/** Maximum number of free attempts of one call. Connections that carry answers close one at a time. */
const MAX_FREE_ATTEMPTS = 3;

/** Progress of a call. */
interface Progress {
  readonly visited: ReadonlySet<Endpoint>;
  readonly attempt: number;
  readonly previousMs: number;
  /** Number of attempts that do not count. */
  readonly free: number;
}

/** Returns true if the call may go to an endpoint that accepts calls and is not one of these. */
export type HasOthers = (visited: ReadonlySet<Endpoint>, call: Call) => boolean;

/**
 * Sends a call again if that is safe and may succeed (see `isRetryable`), within the deadline of the outer layers.
 *
 * The first retry is immediate after a timeout, or if the call never reached a backend. Other retries wait with
 * decorrelated jitter, from `baseMs` to `maxMs`. A Retry-After pauses its endpoint, not the retry; if there is no other
 * endpoint, a gRPC server's pushback is the exact wait (gRFC A6). After a timeout a call is sent to another endpoint or
 * not at all. A wait beyond the deadline is not started.
 *
 * The balance layer chooses the endpoint of each attempt. It receives the endpoints of earlier attempts in `visited`:
 * it prefers others, and with `elsewhere` accepts only others.
 *
 * Every retry spends from the budget, and each call deposits there. An attempt that ended with its connection (a
 * graceful GOAWAY, or an idle connection closed before an answer) is free and not counted, up to three times a call: a
 * connection is lost this way once, after it has carried an answer, so that these attempts stay fewer than the answered
 * calls.
 *
 * Without settings every call is sent once. An established stream is never sent again.
 *
 * @throws the last attempt's error, unchanged; the first one's if a further attempt found no endpoint.
 */
export const retry = (
  settings: RetrySettings | null,
  budget: RetryBudget,
  dependencies: LayerDependencies,
  hasOthers: HasOthers = () => true,
): Layer => {
  if (settings === null)
    return (next) => (call) => {
      budget.called();
      const only = copyOf(call);
      only.visited = new Set();
      return next(only);
    };
  const { clock, random, report, overrides } = dependencies;
  const statuses = new Set(settings.statuses);

  /** Wait before the attempt after this error, in milliseconds. */
  const waitFor = (call: Call, error: UpstreamError, { visited, attempt, previousMs }: Progress): number => {
    if (error.retryAfterMs !== null && call.message.protocol === 'grpc' && !hasOthers(visited, call))
      return error.retryAfterMs;
    // A wait helps no endpoint if nothing was sent, or if the timeout was spent at another one.
    const isFirst = attempt === 1 || error.cause instanceof LeftOutError;
    const isAtOnce = isFirst && (neverProcessed(error) || error.code === 'TIMEOUT');
    return isAtOnce ? 0 : backoff(settings, previousMs, random);
  };

  /** The next attempt with its budget taken; null for none. */
  const another = (call: Call, error: unknown, progress: Progress) => {
    if (call.signal.aborted || !overrides.retries() || !isRetryable(call, error, statuses)) return null;
    // A closed connection says nothing about the endpoint: not counted as a retry (gRFC A6, transparent retries).
    const isFree = progress.free < MAX_FREE_ATTEMPTS && isLostConnection(error.cause);
    if (!isFree && progress.attempt - progress.free >= settings.attempts) return null;
    const elsewhere = error.code === 'TIMEOUT';
    if (elsewhere && !hasOthers(progress.visited, call)) return null;
    const ms = waitFor(call, error, progress);
    if (call.deadline - clock.now() <= ms) return null;
    if (isFree || budget.take()) return { ms, elsewhere, isFree, reason: error.code };
    report({ is: 'refusal', route: call.route, reason: 'budget' });
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
        if (granted.ms > 0) await sleep(granted.ms, call.signal, clock);
        report({ is: 'retry', route: call.route, reason: granted.reason });
        elsewhere = granted.elsewhere;
        if (granted.isFree) free += 1;
        previousMs = Math.max(granted.ms, settings.baseMs);
      }
    }
  };
};
