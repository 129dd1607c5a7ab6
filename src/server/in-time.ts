import type { Clock, Timer } from '../clock.ts';
import { ClientGoneError } from '../errors.ts';
import type { Signal } from '../upstream/signal.ts';

/** How long after the deadline an answer that was under way may still arrive: partial data is worth more than none. */
const LAST_WORD_MS = 25;

/** What became of the wait for an answer. */
export type InTime<T> =
  | { readonly is: 'answered'; readonly answer: T }
  /** The deadline passed; the answer, should there ever be one, is dropped. */
  | { readonly is: 'late' }
  /** Nobody is there to read an answer. */
  | { readonly is: 'gone' };

/** Waits for an answer, but not longer than its reader does. Rejects as `answer` does while somebody waits. */
export const inTime = <T>(answer: Promise<T>, signal: Signal, clock: Clock): Promise<InTime<T>> =>
  new Promise((resolve, reject) => {
    let lastWord: Timer | null = null;
    const give = () => {
      if (signal.reason instanceof ClientGoneError) resolve({ is: 'gone' });
      else lastWord = clock.after(LAST_WORD_MS, () => resolve({ is: 'late' }));
    };
    const settled = () => {
      signal.removeEventListener('abort', give);
      lastWord?.cancel();
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
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
