import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { OpenIdProvider } from './provider/openid-provider.ts';
import type { ReportSession } from './session-events.ts';
import { listsOf, MAX_SESSIONS, type Session } from './session-record.ts';
import type { SessionStore } from './store/session-store.ts';

/** A session with the sealed text that it was read from. */
export interface ReadSession {
  readonly session: Session;
  readonly sealed: string;
}

/** Time from a failed write of renewed tokens to the next attempt. */
const REWRITE_MS = 500;
/** Time after which renewed tokens that could not be stored are dropped, and most bytes of all of them. */
const UNSTORED_MS = 600_000;
const MAX_UNSTORED_BYTES = 16 * 1_048_576;
/** Estimated bytes of heap for one character of a sealed session, with its opened tokens. */
const BYTES_PER_CHARACTER = 4;

/** Renewed tokens that the store does not have yet. Their refresh token is the only one that the provider accepts. */
interface Unstored {
  readonly old: string;
  readonly renewed: ReadSession;
  /** Lists for logouts in which only the renewed session is, and in which only the old one is: its `sid` is another one. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Time at which they are dropped, on the monotonic clock. */
  readonly until: number;
}

export interface RenewedTokensOptions {
  readonly store: Pick<SessionStore, 'replace' | 'link' | 'unlink'>;
  readonly provider: Pick<OpenIdProvider, 'revoke'>;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  readonly idleMs: number;
  readonly report: ReportSession;
  readonly read: (key: string) => Promise<ReadSession | null>;
}

/** Writes renewed tokens to the store, and keeps those that it could not write. */
export interface RenewedTokens {
  /**
   * Replaces the session `old`. Returns the session of the store: another one, or null, if it was changed or ended
   * in the meantime. @throws SessionsUnavailableError
   */
  write(key: string, old: ReadSession, renewed: ReadSession): Promise<ReadSession | null>;
  /** Repeats the failed write of the tokens that replace the sealed session `old`; null if there are none. */
  resume(key: string, old: string): Promise<ReadSession | null> | null;
  isUnstored(key: string): boolean;
}

export const renewedTokens = (options: RenewedTokensOptions): RenewedTokens => {
  const { store, provider, clock, wallTime, idleMs, report, read } = options;
  const unstored = new LRUCache<string, Unstored>({
    maxSize: MAX_UNSTORED_BYTES,
    sizeCalculation: ({ renewed }) => BYTES_PER_CHARACTER * renewed.sealed.length,
  });

  /** Stores renewed tokens, unless the session was changed or removed in the meantime. */
  const attempt = async (key: string, { old, renewed, added, removed }: Unstored): Promise<ReadSession | null> => {
    const { session, sealed } = renewed;
    // Before the write: a session that is in no list cannot be ended by the provider.
    for (const list of added) await store.link(list, key, session.endsAt - session.startedAt, MAX_SESSIONS);
    // The comparison is the fence: a replica with an expired lock replaces nothing, and revives no ended session.
    const leftMs = Math.max(1, Math.ceil(session.endsAt - wallTime()));
    const isStored = await store.replace(key, old, sealed, Math.min(idleMs, leftMs));
    const found = isStored ? renewed : await read(key);
    // Equal after a write with a lost answer.
    const isInForce = found?.sealed === sealed;
    if (isInForce) for (const list of removed) await store.unlink(list, [key]);
    unstored.delete(key);
    if (isInForce) report({ is: 'refreshed', subject: session.subject, issuer: session.issuer });
    // The session has ended. That of another renewal stays: some providers revoke all tokens of a sign-in with one.
    else if (found === null && session.refreshToken !== null) void provider.revoke(session.refreshToken);
    return found;
  };

  /** Repeats a failed write until it succeeds, so that no replica uses the old refresh token. */
  const writeLater = (key: string): void => {
    clock.after(REWRITE_MS, () => {
      const kept = unstored.get(key);
      if (kept === undefined) return;
      if (clock.now() >= kept.until) unstored.delete(key);
      else attempt(key, kept).catch(() => writeLater(key));
    });
  };

  /** Stores renewed tokens. They are kept here until the store has them. */
  const write: RenewedTokens['write'] = async (key, old, renewed) => {
    const [before, after] = [listsOf(old.session), listsOf(renewed.session)];
    const kept: Unstored = {
      ...{ old: old.sealed, renewed, until: clock.now() + UNSTORED_MS },
      added: after.filter((list) => !before.includes(list)),
      removed: before.filter((list) => !after.includes(list)),
    };
    unstored.set(key, kept);
    try {
      return await attempt(key, kept);
    } catch (error) {
      writeLater(key);
      throw error;
    }
  };

  return {
    write,
    resume: (key, old) => {
      const kept = unstored.get(key);
      return kept?.old === old ? attempt(key, kept) : null;
    },
    isUnstored: (key) => unstored.has(key),
  };
};
