import type { Clock, Timer } from '../../core/clock.ts';
import { ClientGoneError } from '../../core/errors.ts';

/** Milliseconds after the deadline in which a result in progress may still arrive: partial data is better than none. */
const GRACE_MS = 25;

/** Outcome of waiting for a result. */
export type DeadlineOutcome<T> =
  | { readonly is: 'answered'; readonly answer: T }
  /** The deadline passed. A later result is dropped. */
  | { readonly is: 'late' }
  /** The client disconnected. */
  | { readonly is: 'gone' };

/** Waits for a result until the deadline passes or the client disconnects. Rejects if `answer` does before that. */
export const withDeadline = <T>(answer: Promise<T>, signal: AbortSignal, clock: Clock): Promise<DeadlineOutcome<T>> =>
  new Promise((resolve, reject) => {
    let grace: Timer | null = null;
    const giveUp = () => {
      if (signal.reason instanceof ClientGoneError) resolve({ is: 'gone' });
      else grace = clock.after(GRACE_MS, () => resolve({ is: 'late' }));
    };
    const settled = () => {
      signal.removeEventListener('abort', giveUp);
      grace?.cancel();
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    answer.then(
      (value) => {
        settled();
        resolve({ is: 'answered', answer: value });
      },
      (error) => {
        settled();
        reject(error);
      },
    );
  });
