import { setMaxListeners } from 'node:events';
import type { Signal } from './cancellation.ts';

const made = new WeakMap<Signal, AbortSignal>();

/**
 * Returns the platform's AbortSignal of a signal, for `fetch` and other APIs that require one. The same signal always
 * returns the same object.
 *
 * An AbortSignal costs as much as ten signals of the gateway: call this on first use only.
 */
export const abortSignalOf = (signal: Signal): AbortSignal => {
  if (signal instanceof AbortSignal) return signal;
  const before = made.get(signal);
  if (before !== undefined) return before;
  const controller = new AbortController();
  // Every call in flight adds one listener. Wide queries exceed Node's warning threshold (10).
  setMaxListeners(0, controller.signal);
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  made.set(signal, controller.signal);
  return controller.signal;
};
