import { LRUCache } from 'lru-cache';
import { type Clock, wallTime as systemWallTime } from '../../core/clock.ts';
import type { User } from '../../request/principal.ts';
import type { Authentication, Authenticator } from '../authenticator.ts';
import { orAborted } from '../or-aborted.ts';
import type { Renewal } from './renewal.ts';
import type { ReadSession } from './renewed-tokens.ts';
import { cookieIn, SESSION_COOKIE } from './session-cookies.ts';
import { isDue, isId, isOver, principalOf, type Session, sessionKey } from './session-record.ts';

export interface SessionAuthenticatorOptions {
  readonly renewal: Renewal;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime?: () => number;
  /** Origin of the pages that may use the cookie. */
  readonly origin: string;
}

export interface SessionAuthenticator extends Authenticator {
  /** Forgets a session that has ended in this process. */
  forget(key: string): void;
}

/** Life of a session in this process, in milliseconds: the longest time until another replica sees a sign-out. */
const KNOWN_MS = 1_000;
const MAX_BYTES = 16 * 1_048_576;
/** Estimated bytes of heap for one character of a sealed session. */
const BYTES_PER_CHARACTER = 4;

interface Known extends ReadSession {
  readonly principal: User;
  /** Time of the read, on the monotonic clock. */
  readonly at: number;
}

const MESSAGE = 'The session has ended. Sign in again.';

const ENDED: Authentication = {
  is: 'invalid',
  message: MESSAGE,
  // A 401 requires a challenge (RFC 9110, 15.5.2), and no registered scheme is for cookies.
  challenge: `Bearer error="invalid_token", error_description="${MESSAGE}"`,
};
const UNVERIFIABLE: Authentication = { is: 'unverifiable', retryAfterS: 1 };

/**
 * Returns the function that renews tokens while requests use those of `found`. `changed` is called with the key of a session
 * that has other tokens, or has ended.
 */
const renewsBehind = (renewal: Renewal, changed: (key: string) => void) => {
  const running = new Set<string>();
  return async (key: string, found: ReadSession): Promise<void> => {
    if (running.has(key)) return;
    running.add(key);
    try {
      const renewed = await renewal.current(key);
      if (renewed?.sealed !== found.sealed) changed(key);
    } catch {
      // Requests report it once the token has ended.
    } finally {
      running.delete(key);
    }
  };
};

/** Authenticates callers by the cookie of a session. */
export const sessionAuthenticator = (options: SessionAuthenticatorOptions): SessionAuthenticator => {
  const { renewal, clock, origin, wallTime = systemWallTime } = options;
  const known = new LRUCache<string, Known>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ sealed }) => BYTES_PER_CHARACTER * sealed.length,
  });
  const flights = new Map<string, Promise<Authentication>>();

  const hasValidToken = ({ accessExpiresAt }: Session): boolean =>
    accessExpiresAt === null || wallTime() < accessExpiresAt;

  const authenticated = ({ session, principal }: Known): Authentication => {
    const isValid = hasValidToken(session);
    return { is: 'authenticated', principal, ...(isValid && { accessToken: session.accessToken }) };
  };

  const renewBehind = renewsBehind(renewal, (key) => void known.delete(key));

  /** Reads the session, and renews its tokens if they are due: before the answer only if the access token has ended. */
  const load = async (key: string, isCurrent: () => boolean): Promise<Authentication> => {
    // Before the read: a sign-out after it is seen in time.
    const at = clock.now();
    try {
      const first = await renewal.read(key);
      const mustRenew = first !== null && isDue(first.session, wallTime());
      const mayWait = mustRenew && hasValidToken(first.session);
      if (mayWait) void renewBehind(key, first);
      const found = mustRenew && !mayWait ? await renewal.current(key) : first;
      if (found === null || isOver(found.session, wallTime())) {
        known.delete(key);
        return ENDED;
      }
      const before = known.get(key);
      // One object for a session that has not changed: keys of caches are kept by it.
      const principal = before?.sealed === found.sealed ? before.principal : principalOf(found.session);
      const read: Known = { ...found, principal, at };
      if (isCurrent()) known.set(key, read);
      return authenticated(read);
    } catch {
      return UNVERIFIABLE;
    }
  };

  /** Requests of one session share a read. It ends by the timeouts of the store and of the provider. */
  const shared = (key: string): Promise<Authentication> => {
    const joined = flights.get(key);
    if (joined !== undefined) return joined;
    const isCurrent = (): boolean => flights.get(key) === flight;
    const flight: Promise<Authentication> = load(key, isCurrent).finally(() => {
      if (isCurrent()) flights.delete(key);
    });
    flights.set(key, flight);
    return flight;
  };

  const verify = async (id: string, signal: AbortSignal): Promise<Authentication> => {
    if (!isId(id)) return ENDED;
    const key = sessionKey(id);
    const found = known.get(key);
    const isKnown =
      found !== undefined &&
      clock.now() - found.at < KNOWN_MS &&
      (!isDue(found.session, wallTime()) || hasValidToken(found.session)) &&
      !isOver(found.session, wallTime());
    return isKnown ? authenticated(found) : orAborted(shared(key), signal);
  };

  return {
    credentialOf: ({ valuesOf }) => {
      // HTTP/2 may split the cookies into several fields (RFC 9113, 8.2.3).
      const id = cookieIn(valuesOf('cookie')?.join('; '), SESSION_COOKIE);
      if (id === null) return null;
      return {
        source: 'session cookie',
        ambientOrigin: origin,
        // Sessions that have ended are removed when they are read.
        isKnown: () => isId(id) && known.has(sessionKey(id)),
        verify: (signal) => verify(id, signal),
      };
    },
    forget: (key) => {
      known.delete(key);
      // A read in flight may have begun before the end.
      flights.delete(key);
    },
    close: () => known.clear(),
  };
};
