import type { Clock } from '../../core/clock.ts';

/**
 * Waits for `ms`, or until the signal is aborted.
 *
 * @throws the signal's reason immediately at its abort
 */
export const sleep = (ms: number, signal: AbortSignal, clock: Clock): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
    signal.addEventListener('abort', leave, { once: true });
  });
