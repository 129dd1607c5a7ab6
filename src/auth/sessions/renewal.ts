import { type Clock, wallTime as systemWallTime } from '../../core/clock.ts';
import type { OpenIdProvider, TokensOutcome } from './provider/openid-provider.ts';
import { type ReadSession, renewedTokens } from './renewed-tokens.ts';
import type { ReportSession } from './session-events.ts';
import {
  isDue,
  isOver,
  newId,
  openSession,
  renewedSession,
  type Session,
  sealSession,
  TOO_LONG,
} from './session-record.ts';
import type { Seal } from './session-seal.ts';
import { type SessionStore, SessionsUnavailableError } from './store/session-store.ts';

export interface RenewalOptions {
  readonly store: SessionStore;
  readonly seal: Seal;
  readonly provider: Pick<OpenIdProvider, 'refresh' | 'revoke'>;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime?: () => number;
  readonly idleMs: number;
  readonly report: ReportSession;
}

/** Reads and renews sessions. */
export interface Renewal {
  /** Returns a session, and counts the access as use; null for none. Removes one that is over. @throws SessionsUnavailableError */
  read(key: string): Promise<ReadSession | null>;
  /**
   * Returns a session with an access token that is not due. One replica uses the refresh token; the others wait for its
   * result. Null for a session that has ended.
   *
   * @throws SessionsUnavailableError if the store or the provider does not answer
   */
  current(key: string): Promise<ReadSession | null>;
}

/**
 * Life of the lock of a renewal. Longer than its requests: for keys, for tokens, and for the store. A replica that dies
 * with the lock delays the renewal by this time.
 */
const LEASE_MS = 15_000;
const POLL_MS = 50;
/** Time after which a waiting request gives up. */
const WAIT_MS = 8_000;
/** Time without requests to a provider that did not answer. */
const COOLDOWN_MS = 1_000;
const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

export const renewal = (options: RenewalOptions): Renewal => {
  const { store, seal, provider, clock, idleMs, report } = options;
  const { wallTime = systemWallTime } = options;

  const read: Renewal['read'] = async (key) => {
    const sealed = await store.touch(key, idleMs);
    const session = sealed === null ? null : openSession(seal, key, sealed);
    if (sealed === null || session === null) return null;
    const now = wallTime();
    if (!isOver(session, now)) {
      // Its end is known only now.
      const leftMs = Math.ceil(session.endsAt - now);
      if (leftMs < idleMs) await store.touch(key, leftMs);
      return { session, sealed };
    }
    // Before a renewal, which would let it live longer in the store.
    await store.release(key, sealed);
    if (session.refreshToken !== null) void provider.revoke(session.refreshToken);
    return null;
  };

  const renewed = renewedTokens({ store, provider, clock, wallTime, idleMs, report, read });

  /** Ends a session with tokens that cannot be used any more. */
  const drop = async (key: string, { session, sealed }: ReadSession, reason: string): Promise<null> => {
    await store.release(key, sealed);
    report({ is: 'session-ended', subject: session.subject, issuer: session.issuer, reason });
    return null;
  };

  let notBefore = Number.NEGATIVE_INFINITY;

  const refreshed = async (session: Session): Promise<TokensOutcome> => {
    if (clock.now() < notBefore) return { is: 'unavailable', reason: 'the provider has just not answered' };
    const outcome = await provider.refresh(session);
    if (outcome.is === 'unavailable') {
      notBefore = clock.now() + COOLDOWN_MS;
      report({ is: 'provider-unavailable', reason: outcome.reason });
    }
    return outcome;
  };

  const renew = async (key: string, found: ReadSession): Promise<ReadSession | null> => {
    const { session, sealed } = found;
    const resumed = renewed.resume(key, sealed);
    if (resumed !== null) return resumed;
    const outcome = await refreshed(session);
    if (outcome.is === 'granted') {
      const next = renewedSession(session, outcome.tokens, wallTime());
      const text = sealSession(seal, key, next);
      return text === null ? drop(key, found, TOO_LONG) : renewed.write(key, found, { session: next, sealed: text });
    }
    if (outcome.is === 'refused') return drop(key, found, outcome.reason);
    const { accessExpiresAt } = session;
    if (accessExpiresAt !== null && wallTime() < accessExpiresAt) return found;
    throw new SessionsUnavailableError('The provider does not answer.');
  };

  const current: Renewal['current'] = async (key) => {
    const lock = `lock:${key}`;
    const until = clock.now() + WAIT_MS;
    for (;;) {
      const lease = newId();
      const isMine = await store.add(lock, lease, LEASE_MS);
      try {
        // After the lock was taken: another replica may have renewed the session just before.
        const found = await read(key);
        if (found === null || !isDue(found.session, wallTime())) return found;
        if (isMine) return await renew(key, found);
      } finally {
        // A lock that cannot be released expires. With tokens that are not stored yet, no other replica may renew.
        if (isMine && !renewed.isUnstored(key)) await store.release(lock, lease).catch(() => {});
      }
      if (clock.now() >= until) throw new SessionsUnavailableError('The tokens were not renewed in time.');
      await pause(clock, POLL_MS);
    }
  };
  return { read, current };
};
