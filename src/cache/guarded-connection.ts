import type { Clock, Timer } from '../core/clock.ts';

/** The store is unreachable or did not answer within the limit. Callers continue without it. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export interface GuardOptions {
  /** True while the connection is established. Nothing is sent otherwise. */
  readonly isConnected: () => boolean;
  /** Resolves with the answer to a cheap command. */
  readonly ping: () => Promise<unknown>;
  /** True if the error of a failed call is a reply of the store, which therefore works. */
  readonly isReply: (error: unknown) => boolean;
  /** Called when the breaker opens or closes. */
  readonly onChange: (state: 'ok' | 'degraded', reason: string) => void;
  /** Timeout of one call in milliseconds. Default 50. */
  readonly limitMs?: number;
  /** Milliseconds between two pings while the breaker is open. Default 250. */
  readonly probeEveryMs?: number;
}

/** A guarded connection to a store that answers strictly in order. */
export interface GuardedConnection {
  /**
   * Runs one call within the limit.
   *
   * @throws StoreUnavailableError without running the call while the breaker is open, or at the limit; otherwise the
   * rejection of the call itself
   */
  guarded<Value>(run: () => Promise<Value>): Promise<Value>;
  readonly state: 'ok' | 'degraded';
  close(): void;
}

/**
 * Guards calls over one connection with a timeout and a breaker.
 *
 * Answers arrive in order, so that after one timeout no later call would be answered either: the breaker opens at the
 * first one, and nothing more is sent. From then on pings are sent in the background, one at a time, without delaying
 * callers. The first answer within the limit closes the breaker.
 */
export const guardConnection = (options: GuardOptions, clock: Clock): GuardedConnection => {
  const { isConnected, ping, isReply, onChange, limitMs = 50, probeEveryMs = 250 } = options;
  let open = false;
  let closed = false;
  let probing: Timer | null = null;

  /**
   * Runs after the limit. After a blocked event loop, answers that have already arrived are read first: an immediate
   * runs after the sockets are read, a second timer may run before.
   */
  const afterLimit = (run: () => void): Timer => {
    let immediate: NodeJS.Immediate | undefined;
    const timer = clock.after(limitMs, () => {
      immediate = setImmediate(run);
    });
    return {
      cancel: () => {
        timer.cancel();
        clearImmediate(immediate);
      },
    };
  };

  const withinLimit = <Value>(answer: Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      const timer = afterLimit(() => reject(new StoreUnavailableError(`no answer within ${limitMs} ms`)));
      answer.then(resolve, reject).finally(() => timer.cancel());
    });

  const probe = async (): Promise<void> => {
    if (!isConnected()) return probeLater();
    const started = clock.now();
    // The ping has no timeout: another one behind a hanging ping would only lengthen the queue.
    const answered = await ping().then(
      () => clock.now() - started <= limitMs,
      () => false,
    );
    if (!answered) return probeLater();
    open = false;
    if (!closed) onChange('ok', 'a ping was answered');
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
      if (!open && !closed && !isConnected()) trip('not connected');
      if (open || closed) throw new StoreUnavailableError('the store is unavailable');
      try {
        return await withinLimit(run());
      } catch (error) {
        if (error instanceof Error && !isReply(error)) trip(error.message);
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
