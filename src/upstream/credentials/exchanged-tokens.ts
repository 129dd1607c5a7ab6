import { LRUCache } from 'lru-cache';
import { Semaphore } from '../../core/semaphore.ts';
import type { LayerDependencies } from '../events.ts';
import { type AccessTokens, accessTokens, NoTokenError } from './access-tokens.ts';
import { type CallSubject, endOfCredential } from './call-subject.ts';
import { type CallerTokens, NoSubjectError, RefusedSubjectError, type WithoutIdentity } from './caller-tokens.ts';
import { concernOf, ExchangeOutage } from './exchange-outage.ts';
import { type Granted, TokenRequestError } from './token-request.ts';

/** Bytes of all kept tokens together, those of callers and those of the backend. */
const MAX_BYTES = 16 * 1_048_576;
/** Bytes of heap for one caller, without its tokens. Estimated. */
const BYTES_OF_CALLER = 2_048;
/** Requests to the authorization server at the same time. Others wait. */
const MAX_REQUESTS = 64;
/** Minimum time between two reports: each caller has failures of its own. */
const REPORT_MS = 60_000;

export interface TokenExchangeOptions {
  readonly withoutIdentity: WithoutIdentity;
  /** Requests the backend's token for a caller's token. */
  readonly request: (subjectToken: string, signal: AbortSignal) => Promise<Granted>;
  /** Returns milliseconds since 1970. */
  readonly wallTime: () => number;
}

/** Reports failures at most once a minute, and the first success after a reported one. */
const seldom = ({ clock, report }: Pick<LayerDependencies, 'clock' | 'report'>): LayerDependencies['report'] => {
  let [reportedAt, isFailing] = [Number.NEGATIVE_INFINITY, false];
  return (event) => {
    if (event.is !== 'token') return;
    const { outcome } = event;
    if (outcome === 'recovered' ? !isFailing : clock.now() - reportedAt < REPORT_MS) return;
    isFailing = outcome === 'failed';
    if (isFailing) reportedAt = clock.now();
    report(event);
  };
};

/** A token of the backend is never valid for longer than the caller's. */
const within = (granted: Granted, remainingS: number): Granted =>
  granted.lifetimeS !== null && granted.lifetimeS <= remainingS
    ? granted
    : { token: granted.token, lifetimeS: Math.min(granted.lifetimeS ?? remainingS, remainingS), isFinal: true };

/**
 * Keeps the tokens that callers' tokens were exchanged for: one for each principal and token of a caller, 16 MiB in all.
 * Calls of one caller share a request. Refusals of one caller delay that caller only; five failures of the server in a
 * row delay the requests of all, for 1 to 30 seconds.
 */
export const exchangedTokens = (
  { withoutIdentity, request, wallTime }: TokenExchangeOptions,
  dependencies: Pick<LayerDependencies, 'clock' | 'random' | 'report'>,
): CallerTokens => {
  const { clock } = dependencies;
  const outage = new ExchangeOutage(clock);
  const requests = new Semaphore(MAX_REQUESTS);
  const report = seldom(dependencies);
  const callers = new LRUCache<string, AccessTokens>({ maxSize: MAX_BYTES });

  const exchange = async (subjectToken: string, signal: AbortSignal): Promise<Granted> => {
    const release = await requests.acquire(signal);
    try {
      if (outage.isPaused) throw new TokenRequestError('not sent: the last ones have failed');
      const granted = await request(subjectToken, signal);
      outage.succeeded();
      return granted;
    } catch (error) {
      if (!outage.isPaused) outage.failed(error);
      throw error;
    } finally {
      release();
    }
  };

  const opened = (subject: CallSubject, subjectToken: string): AccessTokens => {
    const size = BYTES_OF_CALLER + subjectToken.length;
    const tokens = accessTokens(
      async (signal) => {
        const remainingS = (endOfCredential(subject) - wallTime()) / 1_000;
        const granted = within(await exchange(subjectToken, signal), remainingS);
        // The size is known now; a value that is set again would keep its size. An evicted caller stays out.
        if (callers.peek(subject.key) === tokens) {
          callers.delete(subject.key);
          callers.set(subject.key, tokens, { size: size + granted.token.length });
        }
        return granted;
      },
      { ...dependencies, report },
    );
    callers.set(subject.key, tokens, { size });
    return tokens;
  };

  /** Null for a call that is sent without a token. @throws NoSubjectError */
  const tokensOf = (subject: CallSubject | null): AccessTokens | null => {
    const token = subject?.token ?? null;
    if (subject !== null && token !== null) return callers.get(subject.key) ?? opened(subject, token);
    if (withoutIdentity === 'send') return null;
    throw new NoSubjectError(subject);
  };

  const explained = (error: unknown): unknown =>
    error instanceof NoTokenError && concernOf(error.cause) === 'caller'
      ? new RefusedSubjectError('the authorization server issues no token for this caller', { cause: error.cause })
      : error;

  return {
    token: (subject, signal) => {
      const token = tokensOf(subject)?.token(signal) ?? null;
      return token instanceof Promise
        ? token.catch((error: unknown) => {
            throw explained(error);
          })
        : token;
    },
    renew: async (subject, refused, signal) => (await tokensOf(subject)?.renew(refused, signal)) ?? false,
    close: () => {
      for (const tokens of callers.values()) tokens.close();
    },
  };
};
