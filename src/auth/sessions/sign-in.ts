import { z } from 'zod';
import { wallTime as systemWallTime } from '../../core/clock.ts';
import { type OpenIdProvider, type SignInSecrets, signInSecrets } from './provider/openid-provider.ts';
import { cookieIn, LOGIN_COOKIE, LOGIN_S } from './session-cookies.ts';
import type { ReportSession } from './session-events.ts';
import {
  hashed,
  isId,
  listsOf,
  MAX_SESSIONS,
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

/** Result of the callback. `cookie` is the name of the sign-in's cookie, which has been used. */
export type SignInResult =
  | { readonly is: 'signed-in'; readonly id: string; readonly returnTo: string; readonly cookie: string }
  /** The provider refused the sign-in, with this code; null for an answer that failed a check. */
  | { readonly is: 'refused'; readonly error: string | null; readonly returnTo: string; readonly cookie: string }
  /** No sign-in of this browser has this state. */
  | { readonly is: 'unknown' }
  | { readonly is: 'unavailable' };

export interface SignIn {
  /**
   * Begins a sign-in. `sessionId` is the value of the browser's session cookie; null for none. Returns the URL of the
   * provider and the cookie of the sign-in; null while the provider does not answer.
   */
  begin(returnTo: string, sessionId: string | null): Promise<BegunSignIn | null>;
  /** Ends a sign-in, with the query and the `Cookie` header of the callback. @throws SessionsUnavailableError */
  complete(search: string, cookies: string | undefined): Promise<SignInResult>;
}

/** A sign-in in flight. It is encrypted in its cookie: the store has nothing of it before its callback. */
export interface BegunSignIn {
  readonly url: string;
  readonly cookie: { readonly name: string; readonly value: string };
}

const LOGIN_MS = 1_000 * LOGIN_S;

const Login = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  /** Key of the session that the new one replaces. */
  replaces: z.string().nullable(),
});

type Login = z.infer<typeof Login>;

/** The place of a sealed sign-in. An answer is accepted from the browser only that began the sign-in (login CSRF). */
const loginPlace = (state: string): string => `login:${hashed(state)}`;

const cookieName = (state: string): string => LOGIN_COOKIE + hashed(state).slice(0, 16);

/** The one `state` of an answer; null for none and for several. */
const stateIn = (search: string): string | null => {
  const [state = null, second] = new URLSearchParams(search).getAll('state');
  return second === undefined ? state : null;
};

export const signIn = (options: SignInOptions): SignIn => {
  const { store, seal, loginSeal, provider, idleMs, absoluteMs, end, report, wallTime = systemWallTime } = options;

  /** Returns the sign-in of an answer, once. */
  const useLogin = async (search: string, cookies: string | undefined): Promise<Login | null> => {
    const state = stateIn(search);
    const sealed = state === null ? null : cookieIn(cookies, cookieName(state));
    if (state === null || sealed === null) return null;
    const place = loginPlace(state);
    const text = loginSeal.open(place, sealed);
    const login = text === null ? undefined : Login.safeParse(JSON.parse(text)).data;
    const leftMs = login === undefined ? 0 : login.expiresAt - wallTime();
    if (login === undefined || leftMs <= 0) return null;
    return (await store.add(place, '1', Math.ceil(leftMs))) ? login : null;
  };

  /**
   * Stores a new session under a new id: an id from before the sign-in never becomes a signed-in one (fixation). Null for
   * tokens that are too long.
   */
  const start = async (session: Session): Promise<string | null> => {
    const id = newId();
    const key = sessionKey(id);
    const sealed = sealSession(seal, key, session);
    if (sealed === null) return null;
    await store.add(key, sealed, Math.min(idleMs, absoluteMs));
    for (const list of listsOf(session)) {
      const oldest = await store.link(list, key, absoluteMs, MAX_SESSIONS);
      for (const one of oldest) {
        const ended = await end(one);
        // Otherwise the lists of one user's old sessions would fill a store in memory, and drop those of others.
        if (ended !== null) for (const other of listsOf(ended)) await store.unlink(other, [one]);
      }
      // After the end: a session that is in no list cannot be ended by the provider.
      if (oldest.length > 0) await store.unlink(list, oldest);
    }
    return id;
  };

  return {
    begin: async (returnTo, sessionId) => {
      const secrets: SignInSecrets = signInSecrets();
      const url = await provider.signInUrl(secrets);
      if (url === null) return null;
      const replaces = sessionId !== null && isId(sessionId) ? sessionKey(sessionId) : null;
      const login: Login = { ...secrets, returnTo, expiresAt: wallTime() + LOGIN_MS, replaces };
      const value = loginSeal.seal(loginPlace(secrets.state), JSON.stringify(login));
      return { url, cookie: { name: cookieName(secrets.state), value } };
    },
    complete: async (search, cookies) => {
      const login = await useLogin(search, cookies);
      // Not reported: any client can send it.
      if (login === null) return { is: 'unknown' };
      const { returnTo, replaces } = login;
      const cookie = cookieName(login.state);
      const outcome = await provider.exchange(search, login);
      if (outcome.is === 'unavailable') {
        report({ is: 'provider-unavailable', reason: outcome.reason });
        return { is: 'unavailable' };
      }
      if (outcome.is === 'refused') {
        report({ is: 'sign-in-refused', reason: outcome.reason });
        return { is: 'refused', error: outcome.error, returnTo, cookie };
      }
      const session = startedSession(outcome.tokens, wallTime(), absoluteMs);
      const id = await start(session);
      if (id === null) {
        report({ is: 'sign-in-refused', reason: TOO_LONG });
        return { is: 'refused', error: null, returnTo, cookie };
      }
      if (replaces !== null) await end(replaces);
      report({ is: 'signed-in', subject: session.subject, issuer: session.issuer });
      return { is: 'signed-in', id, returnTo, cookie };
    },
  };
};
