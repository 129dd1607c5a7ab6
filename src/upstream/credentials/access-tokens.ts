import type { LayerDependencies } from '../events.ts';
import { MAX_PAUSE_MS } from '../outcome.ts';
import { type Granted, TokenRequestError } from './token-request.ts';

/** Deadline of one token request. */
const REQUEST_MS = 5_000;
/** Waits after failed requests, doubled from the first to the last. No request is sent in between. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;
/** Lifetime of a token without `expires_in`. RFC 6749, 5.1 leaves it to documentation. */
const DEFAULT_LIFETIME_S = 300;
const MAX_LIFETIME_S = 86_400;
/** A token is renewed in its last fifth, a minute before its end at the earliest. */
const RENEWAL_SHARE = 0.2;
const RENEWAL_MS = 60_000;
/** A token is not sent in its last twentieth, five seconds at most: the call takes time, too. */
const UNUSED_SHARE = 0.05;
const UNUSED_MS = 5_000;
/** Minimum time between two renewals because of a refused token: a backend that refuses every token causes no more. */
const REFUSED_INTERVAL_MS = 10_000;

/** No token can be obtained at present. Its cause is the last failure. */
export class NoTokenError extends Error {
  override readonly name = 'NoTokenError';
}

/** The access tokens of one client. */
export interface AccessTokens {
  /** Returns the token, or a promise if there is none yet. @throws NoTokenError; the signal's reason at an abort */
  token(signal: AbortSignal): string | Promise<string>;
  /** Obtains another token than a refused one. Resolves to false if there is none. */
  renew(refused: string, signal: AbortSignal): Promise<boolean>;
  /** Ends a request in flight. */
  close(): void;
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly validUntil: number;
}

/** Times are counted from the beginning of the request, so that no token is used beyond its end. */
const heldFrom = ({ token, lifetimeS, isFinal = false }: Granted, since: number): Held => {
  const ms = Math.min(Math.max(lifetimeS ?? DEFAULT_LIFETIME_S, 1), MAX_LIFETIME_S) * 1_000;
  return {
    token,
    renewAt: isFinal ? Number.POSITIVE_INFINITY : since + ms - Math.min(RENEWAL_MS, ms * RENEWAL_SHARE),
    validUntil: since + ms - Math.min(UNUSED_MS, ms * UNUSED_SHARE),
  };
};

/** Waits for a promise that never rejects, or for an abort. */
const unlessAborted = async (waited: Promise<void>, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'failed');

/**
 * Keeps the access token of one client. `request` is called at the first use, ahead of the token's end, and after a
 * refusal; all callers share one request of five seconds at most. Calls wait for the replacement of a refused token. After a failure the next request waits 1 to 60 seconds,
 * or as long as the server demands; until then calls fail at once, unless the token is still valid.
 */
export const accessTokens = (
  request: (signal: AbortSignal) => Promise<Granted>,
  { clock, random, report }: Pick<LayerDependencies, 'clock' | 'random' | 'report'>,
): AccessTokens => {
  let held: Held | null = null;
  let pending: Promise<void> | null = null;
  let controller: AbortController | null = null;
  let [failures, failure]: [number, unknown] = [0, undefined];
  let notBefore = Number.NEGATIVE_INFINITY;
  let refusedAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  /** True while the held token was refused and another one is requested. */
  let isReplaced = false;

  const valid = (): Held | null => (held !== null && clock.now() < held.validUntil ? held : null);

  const failed = (error: unknown): void => {
    failures += 1;
    failure = error;
    const doubled = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), MAX_WAIT_MS);
    const demanded = error instanceof TokenRequestError ? (error.retryAfterMs ?? 0) : 0;
    // Gateways that failed together do not return together.
    const ms = Math.max(doubled * (0.5 + random() / 2), Math.min(demanded, MAX_PAUSE_MS));
    notBefore = clock.now() + ms;
    report({ is: 'token', outcome: 'failed', reason: reasonOf(error) });
  };

  const run = async (): Promise<void> => {
    const since = clock.now();
    const own = new AbortController();
    controller = own;
    const timer = clock.after(REQUEST_MS, () => own.abort(new TokenRequestError(`no answer within ${REQUEST_MS} ms`)));
    try {
      held = heldFrom(await request(own.signal), since);
      if (failures > 0) report({ is: 'token', outcome: 'recovered', reason: 'a token was granted' });
      failures = 0;
    } catch (error) {
      if (!closed) failed(error);
    } finally {
      timer.cancel();
    }
  };

  const start = (): Promise<void> => {
    pending ??= run().finally(() => {
      pending = null;
      isReplaced = false;
    });
    return pending;
  };

  const mayRequest = (now: number): boolean => !closed && (pending !== null || now >= notBefore);

  const awaited = async (signal: AbortSignal): Promise<string> => {
    if (!mayRequest(clock.now())) throw new NoTokenError('no access token', { cause: failure });
    await unlessAborted(start(), signal);
    const found = valid();
    if (found === null) throw new NoTokenError('no access token', { cause: failure });
    return found.token;
  };

  return {
    token: (signal) => {
      const found = valid();
      if (found === null || isReplaced) return awaited(signal);
      const now = clock.now();
      if (now >= found.renewAt && mayRequest(now)) void start();
      return found.token;
    },
    renew: async (refused, signal) => {
      const now = clock.now();
      if (held?.token === refused) {
        if (pending === null) {
          if (!mayRequest(now) || now - refusedAt < REFUSED_INTERVAL_MS) return false;
          refusedAt = now;
        }
        isReplaced = true;
        await unlessAborted(start(), signal);
      }
      const found = valid();
      return found !== null && found.token !== refused;
    },
    close: () => {
      closed = true;
      controller?.abort(new TokenRequestError('the upstream is closed'));
    },
  };
};
