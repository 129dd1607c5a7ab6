import { z } from 'zod';
import { wallTime as systemWallTime } from '../../core/clock.ts';
import { type OpenIdProvider, type SignInSecrets, signInSecrets } from './provider/openid-provider.ts';
import { LOGIN_S } from './session-cookies.ts';
import type { ReportSession } from './session-events.ts';
import {
  hashed,
  isId,
  listsOf,
  newId,
  type Session,
  sealSession,
  sessionKey,
  startedSession,
  TOO_LONG,
} from './session-record.ts';
import type { Seal } from './session-seal.ts';
import type { SessionStore } from './store/session-store.ts';

export interface SignInOptions {
  readonly store: SessionStore;
  /** Of sign-ins in flight. */
  readonly loginSeal: Seal;
  readonly seal: Seal;
  readonly provider: Pick<OpenIdProvider, 'signInUrl' | 'exchange'>;
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Ends a session by its key, and returns it; null for none. */
  readonly end: (key: string) => Promise<Session | null>;
  readonly report: ReportSession;
  /** Milliseconds since 1970. */
  readonly wallTime?: () => number;
}

/** Result of the callback. */
export type SignInResult =
  | { readonly is: 'signed-in'; readonly id: string; readonly returnTo: string }
  /** The provider refused the sign-in, with this code; null for an answer that failed a check. */
  | { readonly is: 'refused'; readonly error: string | null; readonly returnTo: string }
  /** No sign-in of this browser has this state. */
  | { readonly is: 'unknown' }
  | { readonly is: 'unavailable' };

export interface SignIn {
  /**
   * Begins a sign-in. `binding` is the value of the browser's sign-in cookie, `sessionId` that of its session; null for
   * none. Returns null while the provider does not answer. @throws SessionsUnavailableError
   */
  begin(
    returnTo: string,
    binding: string | null,
    sessionId: string | null,
  ): Promise<{ readonly url: string; readonly binding: string } | null>;
  /** Ends a sign-in, with the query of the callback. @throws SessionsUnavailableError */
  complete(search: string, binding: string | null): Promise<SignInResult>;
}

/** Most sessions of one user. The oldest one ends when another one begins. */
const MAX_SESSIONS = 100;
const LOGIN_MS = 1_000 * LOGIN_S;

const Login = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Key of the session that the new one replaces. */
  replaces: z.string().nullable(),
});

/** The key has the cookie in it: an answer is accepted from the browser only that began the sign-in (login CSRF). */
const loginKey = (binding: string, state: string): string => `login:${hashed(binding, state)}`;

/** The one `state` of an answer; null for none and for several. */
const stateIn = (search: string): string | null => {
  const [state = null, second] = new URLSearchParams(search).getAll('state');
  return second === undefined ? state : null;
};

export const signIn = (options: SignInOptions): SignIn => {
  const { store, seal, loginSeal, provider, idleMs, absoluteMs, end, report, wallTime = systemWallTime } = options;

  const takeLogin = async (search: string, binding: string | null) => {
    const state = stateIn(search);
    if (state === null || binding === null || !isId(binding)) return null;
    const key = loginKey(binding, state);
    const sealed = await store.take(key);
    const text = sealed === null ? null : loginSeal.open(key, sealed);
    return text === null ? null : (Login.safeParse(JSON.parse(text)).data ?? null);
  };

  /** Stores a new session under a new id: an id from before the sign-in never becomes a signed-in one (fixation). Null for tokens that are too long. */
  const start = async (session: Session): Promise<string | null> => {
    const id = newId();
    const key = sessionKey(id);
    const sealed = sealSession(seal, key, session);
    if (sealed === null) return null;
    await store.add(key, sealed, Math.min(idleMs, absoluteMs));
    for (const list of listsOf(session)) {
      const oldest = await store.link(list, key, absoluteMs, MAX_SESSIONS);
      for (const one of oldest) await end(one);
      // After the end: a session that is in no list cannot be ended by the provider.
      if (oldest.length > 0) await store.unlink(list, oldest);
    }
    return id;
  };

  return {
    begin: async (returnTo, current, sessionId) => {
      const secrets: SignInSecrets = signInSecrets();
      // Several tabs may sign in at one time: they share the cookie.
      const binding = current !== null && isId(current) ? current : newId();
      const url = await provider.signInUrl(secrets);
      if (url === null) return null;
      const replaces = sessionId !== null && isId(sessionId) ? sessionKey(sessionId) : null;
      const key = loginKey(binding, secrets.state);
      const login: z.infer<typeof Login> = { ...secrets, returnTo, replaces };
      await store.add(key, loginSeal.seal(key, JSON.stringify(login)), LOGIN_MS);
      return { url, binding };
    },
    complete: async (search, binding) => {
      const login = await takeLogin(search, binding);
      // Not reported: any client can send it.
      if (login === null) return { is: 'unknown' };
      const { returnTo, replaces } = login;
      const outcome = await provider.exchange(search, login);
      if (outcome.is === 'unavailable') {
        report({ is: 'provider-unavailable', reason: outcome.reason });
        return { is: 'unavailable' };
      }
      if (outcome.is === 'refused') {
        report({ is: 'sign-in-refused', reason: outcome.reason });
        return { is: 'refused', error: outcome.error, returnTo };
      }
      const session = startedSession(outcome.tokens, wallTime(), absoluteMs);
      const id = await start(session);
      if (id === null) {
        report({ is: 'sign-in-refused', reason: TOO_LONG });
        return { is: 'refused', error: null, returnTo };
      }
      if (replaces !== null) await end(replaces);
      report({ is: 'signed-in', subject: session.subject, issuer: session.issuer });
      return { is: 'signed-in', id, returnTo };
    },
  };
};
