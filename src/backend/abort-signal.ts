import { setMaxListeners } from 'node:events';
import type { Signal } from '../upstream/signal.ts';

const made = new WeakMap<Signal, AbortSignal>();

/**
 * A signal as the platform has them, for `fetch` and whoever else takes nothing less: always the same one for the same signal.
 *
 * Costs as much as ten of ours, and few ask for it: make it when they do.
 */
export const abortSignalOf = (signal: Signal): AbortSignal => {
  if (signal instanceof AbortSignal) return signal;
  const before = made.get(signal);
  if (before !== undefined) return before;
  const controller = new AbortController();
  // One listener for each call in flight: a wide query has more of them than Node thinks plausible.
  setMaxListeners(0, controller.signal);
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  made.set(signal, controller.signal);
  return controller.signal;
};
