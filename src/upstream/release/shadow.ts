import { type Answer, type Call, copyOf, isRead, isStreaming, type Layer, type Send } from '../call.ts';
import type { LayerDependencies } from '../events.ts';
import { answerDifferences } from './answer-differences.ts';
import type { ShadowSettings } from './shadow-options.ts';

/** Time between two lines of the log about differences. */
const SAMPLE_MS = 10_000;
/** Time without copies after one that failed: a failing subset takes no more than ten copies a second. */
const PAUSE_MS = 100;

/** True for the first attempt of a read, outside of mutations: a read after a write may differ. */
const mayCopy = (call: Call): boolean =>
  isRead(call) &&
  !isStreaming(call) &&
  call.origin?.operation?.kind !== 'mutation' &&
  call.attempt === 1 &&
  (call.visited === undefined || call.visited.size === 0);

/** A copy of the value, which its caller may change; undefined for a value that cannot be copied. */
const snapshotOf = (value: unknown): { readonly value: unknown } | undefined => {
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
};

/**
 * Sends a share of the reads also to another subset, after their answer has arrived, and reports how the two answers
 * differ. The caller does not wait: a copy has its own deadline, signal and limit of calls in flight. It is never retried
 * or hedged, and takes no slot and no budget from clients. Null disables it.
 */
export const shadow = (settings: ShadowSettings | null, { clock, random, report }: LayerDependencies): Layer => {
  if (settings === null) return (next) => next;
  const { to, share, timeoutMs, ignore } = settings;
  const ignored = new Set(ignore);
  const subset = { name: to, fallback: null };
  let inFlight = 0;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  const compare = async (call: Call, { value, status }: Answer, next: Send): Promise<void> => {
    const { route } = call;
    const kept = snapshotOf(value);
    if (kept === undefined) return;
    const own = new AbortController();
    const timer = clock.after(timeoutMs, () => own.abort(new Error('the copy of a read took too long')));
    const copy = copyOf(call);
    copy.subset = subset;
    copy.signal = own.signal;
    copy.deadline = clock.now() + timeoutMs;
    copy.request = null;
    copy.visited = new Set();
    copy.elsewhere = false;
    inFlight += 1;
    try {
      const other = await next(copy);
      const differences = [
        ...(other.status === status ? [] : [{ path: '(status)', change: 'changed' }]),
        ...answerDifferences(kept.value, other.value, ignored),
      ];
      const now = clock.now();
      const isSampled = differences.length > 0 && now - sampledAt >= SAMPLE_MS;
      if (isSampled) sampledAt = now;
      const outcome = differences.length === 0 ? 'equal' : 'different';
      report({ is: 'shadow', route, subset: to, outcome, differences, isSampled });
    } catch {
      pausedUntil = clock.now() + PAUSE_MS;
      report({ is: 'shadow', route, subset: to, outcome: 'failed', differences: [], isSampled: false });
    } finally {
      timer.cancel();
      inFlight -= 1;
    }
  };

  return (next) => async (call) => {
    const isCopied = mayCopy(call) && call.subset?.name !== to && random() < share;
    const answer = await next(call);
    if (isCopied && inFlight < settings.inFlight && clock.now() >= pausedUntil) void compare(call, answer, next);
    return answer;
  };
};
