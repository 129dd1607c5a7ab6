import type { Clock, Timer } from '../clock.ts';

/** The store could not be asked, or did not answer in time. Whoever asked goes on without it. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export interface LineOptions {
  /** Whether the connection stands. While it does not, nothing is sent. */
  readonly isConnected: () => boolean;
  /** Resolves once the store has answered something that costs it nothing. */
  readonly ping: () => Promise<unknown>;
  /** Whether a failed call was an answer all the same: the store is well and refuses. */
  readonly isAnswer: (error: unknown) => boolean;
  /** Told when the line opens or closes. */
  readonly onChange: (state: 'ok' | 'degraded', reason: string) => void;
  /** How long one call may take. Default 50. */
  readonly limitMs?: number;
  /** How long to wait before the store is asked again whether it is there. Default 250. */
  readonly probeEveryMs?: number;
}

/** The way to a store that answers strictly in turn. */
export interface Line {
  /**
   * Runs one call within the limit.
   *
   * @throws StoreUnavailableError without running it while the store is known not to answer, and for one that came too
   * late; else whatever the call itself rejected with.
   */
  guarded<Value>(run: () => Promise<Value>): Promise<Value>;
  readonly state: 'ok' | 'degraded';
  close(): void;
}

/**
 * Guards calls over one connection, on which an answer can only come after all those before it.
 *
 * So the first call that gets no answer in time shows that no later one would either, and nothing more is sent: the
 * breaker opens at one failure. From then on a ping asks in the background, one at a time, and no caller waits for it; the
 * first that is answered in time closes the breaker.
 */
export const openLine = (options: LineOptions, clock: Clock): Line => {
  const { isConnected, ping, isAnswer, onChange, limitMs = 50, probeEveryMs = 250 } = options;
  let open = false;
  let closed = false;
  let probing: Timer | null = null;

  /** A process that was busy itself reads what has arrived in the meantime before it calls anybody late. */
  const afterLimit = (run: () => void): Timer => {
    let timer = clock.after(limitMs, () => {
      timer = clock.after(0, run);
    });
    return { cancel: () => timer.cancel() };
  };

  const inTime = <Value>(answer: Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      const timer = afterLimit(() => reject(new StoreUnavailableError(`no answer within ${limitMs} ms`)));
      answer.then(resolve, reject).finally(() => timer.cancel());
    });

  const probe = async (): Promise<void> => {
    if (!isConnected()) return probeLater();
    const started = clock.now();
    // Waited for however long it takes: while it hangs, a second one would only make the queue longer.
    const answered = await ping().then(
      () => clock.now() - started <= limitMs,
      () => false,
    );
    if (!answered) return probeLater();
    open = false;
    if (!closed) onChange('ok', 'it answers again');
  };

  const probeLater = (): void => {
    if (!closed) probing = clock.after(probeEveryMs, () => void probe());
  };

  const trip = (reason: string): void => {
    if (open || closed) return;
    open = true;
    onChange('degraded', reason);
    probeLater();
  };

  return {
    guarded: async (run) => {
      if (!open && !closed && !isConnected()) trip('there is no connection');
      if (open || closed) throw new StoreUnavailableError('the store is not asked while it does not answer');
      try {
        return await inTime(run());
      } catch (error) {
        if (error instanceof Error && !isAnswer(error)) trip(error.message);
        throw error;
      }
    },
    get state() {
      return open || closed || !isConnected() ? 'degraded' : 'ok';
    },
    close: () => {
      closed = true;
      probing?.cancel();
    },
  };
};
