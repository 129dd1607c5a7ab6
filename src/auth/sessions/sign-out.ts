import { errors, type JWTVerifyGetKey } from 'jose';
import { wallTime as systemWallTime } from '../../core/clock.ts';
import type { KeySource } from '../jwt/key-source.ts';
import { type LogoutToken, verifyLogoutToken } from './logout-token.ts';
import type { OpenIdProvider } from './provider/openid-provider.ts';
import type { ReportSession } from './session-events.ts';
import {
  hashed,
  isId,
  newId,
  openSession,
  type Session,
  sessionKey,
  sidList,
  subjectList,
  withoutSidList,
} from './session-record.ts';
import type { Seal } from './session-seal.ts';
import { type SessionStore, SessionsUnavailableError } from './store/session-store.ts';

export interface SignOutOptions {
  readonly store: SessionStore;
  readonly seal: Seal;
  readonly provider: Pick<OpenIdProvider, 'signOutUrl' | 'revoke'>;
  /** Keys of the provider. */
  readonly keys: Pick<KeySource, 'keys' | 'newerThan'>;
  readonly client: { readonly issuer: string; readonly clientId: string };
  /** Called with the key of each session that has ended. */
  readonly forget: (key: string) => void;
  readonly report: ReportSession;
  /** Milliseconds since 1970. */
  readonly wallTime?: () => number;
}

export interface SignOut {
  /** Ends a session by its key, and revokes its refresh token. Returns it; null for none. @throws SessionsUnavailableError */
  end(key: string): Promise<Session | null>;
  /**
   * Ends the sessions of all cookies of a request. Returns a ticket for the provider's logout of the last one; null
   * without one.
   *
   * @throws SessionsUnavailableError
   */
  byUser(sessionIds: readonly string[]): Promise<string | null>;
  /** Returns the URL of the provider's logout for a ticket, once. @throws SessionsUnavailableError */
  redeem(ticket: string): Promise<string | null>;
  /**
   * Ends the sessions that a logout token names. Returns null, or the reason why the token is refused.
   *
   * @throws SessionsUnavailableError
   */
  byProvider(token: string): Promise<string | null>;
}

/** Life of a ticket. The page follows it immediately. */
const TICKET_MS = 60_000;
/** Longest life of a logout token that is accepted. */
const MAX_TOKEN_MS = 86_400_000;

const ticketKey = (ticket: string): string => `ticket:${hashed(ticket)}`;

const listsFor = ({ subject, sid }: LogoutToken, issuer: string): readonly string[] => {
  if (subject === null) return sid === null ? [] : [sidList(issuer, sid)];
  if (sid === null) return [subjectList(issuer, subject)];
  // The token names one session of the user (Back-Channel Logout 1.0, 2.4). One whose ID token had no sid may be it.
  return [sidList(issuer, sid), withoutSidList(issuer, subject)];
};

export const signOut = (options: SignOutOptions): SignOut => {
  const { store, seal, provider, keys, client, forget, report, wallTime = systemWallTime } = options;

  const end: SignOut['end'] = async (key) => {
    // After a failure, too: the store may have removed the session without an answer.
    const sealed = await store.take(key).finally(() => forget(key));
    const session = sealed === null ? null : openSession(seal, key, sealed);
    if (session !== null && session.refreshToken !== null) void provider.revoke(session.refreshToken);
    return session;
  };

  const reportEnd = (session: Session | null, by: 'user' | 'provider'): void => {
    if (session !== null) report({ is: 'signed-out', subject: session.subject, issuer: session.issuer, by });
  };

  const verified = async (token: string): Promise<LogoutToken | string> => {
    const published = await keys.keys().catch((cause: unknown) => {
      throw new SessionsUnavailableError('The keys of the provider are not available.', { cause });
    });
    const verifiedWith = (these: JWTVerifyGetKey) =>
      verifyLogoutToken(token, these, client, wallTime()).catch((error: unknown) =>
        error instanceof Error ? error : new Error('invalid'),
      );
    let found = await verifiedWith(published);
    const newer = found instanceof errors.JWKSNoMatchingKey ? await keys.newerThan(published) : null;
    if (newer !== null) found = await verifiedWith(newer);
    return found instanceof Error ? found.message : found;
  };

  /** Ends the sessions of a list. A failure leaves it as it is, and the next call ends the rest. */
  const endList = async (list: string): Promise<void> => {
    const sessions = await store.members(list);
    for (const key of sessions) reportEnd(await end(key), 'provider');
    if (sessions.length > 0) await store.unlink(list, sessions);
  };

  return {
    end,
    byUser: async (sessionIds) => {
      let session: Session | null = null;
      for (const id of new Set(sessionIds.filter(isId))) {
        const ended = await end(sessionKey(id));
        reportEnd(ended, 'user');
        session = ended ?? session;
      }
      const url = session === null ? null : await provider.signOutUrl(session.idToken);
      if (url === null) return null;
      // The URL has the ID token in it, which the page must not receive: the browser follows a redirect to it.
      const ticket = newId();
      const key = ticketKey(ticket);
      await store.add(key, seal.seal(key, url), TICKET_MS);
      return ticket;
    },
    redeem: async (ticket) => {
      const key = ticketKey(ticket);
      const sealed = isId(ticket) ? await store.take(key) : null;
      return sealed === null ? null : seal.open(key, sealed);
    },
    byProvider: async (token) => {
      const found = await verified(token);
      const reason = typeof found === 'string' ? found : null;
      if (typeof found === 'string') {
        report({ is: 'logout-token-refused', reason: found });
        return reason;
      }
      const { jti, exp } = found;
      const lifeMs = Math.min(Math.max(1_000 * exp - wallTime(), 0) + 60_000, MAX_TOKEN_MS);
      const used = `jti:${hashed(client.issuer, jti)}`;
      if ((await store.touch(used, lifeMs)) !== null) {
        report({ is: 'logout-token-refused', reason: 'the token was used before' });
        return 'the token was used before';
      }
      for (const list of listsFor(found, client.issuer)) await endList(list);
      // Last: a provider that received no answer sends the token again. Once more in the meantime, it ends nothing more.
      await store.add(used, '1', lifeMs);
      return null;
    },
  };
};
