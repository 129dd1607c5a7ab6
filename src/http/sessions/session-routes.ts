import type { FastifyInstance } from 'fastify';
import { returnUrl } from '../../auth/sessions/return-path.ts';
import {
  cookieIn,
  cookiesIn,
  endOfLoginCookie,
  endOfSessionCookie,
  excessLoginCookies,
  loginCookie,
  SESSION_COOKIE,
  sessionCookie,
} from '../../auth/sessions/session-cookies.ts';
import type { Sessions } from '../../auth/sessions/sessions.ts';
import { SessionsUnavailableError } from '../../auth/sessions/store/session-store.ts';
import type { Clock } from '../../core/clock.ts';
import type { LoadShedding } from '../../rate-limit/overload/load-shedding.ts';
import type { Principal } from '../../request/principal.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { callerOfExchange } from '../graphql/authentication.ts';
import { receiveBody } from '../graphql/json-body.ts';
import { searchOf } from '../graphql/request-params.ts';
import type { RequestLimitOptions } from '../limits/exchange-limits.ts';
import { identification } from '../limits/limited-identification.ts';
import { badRequest, RejectedError, rejection } from '../listener/rejection.ts';
import { requireOwnPage } from './own-pages.ts';

export interface SessionRoutesOptions {
  readonly sessions: Sessions;
  readonly clock: Clock;
  /** Default: none. */
  readonly limits: RequestLimitOptions | undefined;
  /** The load shedding of the listener. */
  readonly shedding: LoadShedding | undefined;
  readonly requestTimeoutMs: number;
}

type Serve = (exchange: Exchange) => Promise<void>;

const JSON_TYPE = 'application/json; charset=utf-8';
const MAX_FORM_BYTES = 65_536;
const UNKNOWN_SIGN_IN =
  'This sign-in was not started in this browser, was completed before, or took longer than 10 minutes. Start again.';

const unavailable = (): RejectedError =>
  new RejectedError({
    ...rejection('SERVICE_UNAVAILABLE', '', { headers: { 'retry-after': '1' } }),
    message: 'Sign-in is not available. Try again shortly.',
  });

const searchIn = ({ request }: Exchange): string => searchOf(request.url ?? '');

/** Records a refusal. Those of requests with a session are recorded where every credential is checked. */
const audit = (exchange: Exchange, reason: string): void =>
  exchange.audit({ event: 'session.refused', outcome: 'refused', reason });

const redirect = (exchange: Exchange, location: string, cookies: readonly string[] = []): void => {
  exchange.begin(303, {
    ...exchange.headers,
    location,
    'cache-control': 'no-store',
    'content-length': '0',
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  });
  exchange.response.end();
};

const answerJson = (exchange: Exchange, status: number, body: object, cookie?: string): void =>
  exchange.answer(
    status,
    { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...(cookie !== undefined && { 'set-cookie': cookie }) },
    JSON.stringify(body),
  );

/** GET /auth/login?return_to=/path */
const login =
  ({ settings, signIn }: Sessions): Serve =>
  async (exchange) => {
    const [given = '/', second] = new URLSearchParams(searchIn(exchange)).getAll('return_to');
    const returnTo = second === undefined ? returnUrl(given, settings.origin) : null;
    if (returnTo === null) throw badRequest('return_to must be one path of this origin, such as /orders?page=2.');
    const { cookie } = exchange.request.headers;
    const begun = await signIn.begin(returnTo, cookieIn(cookie, SESSION_COOKIE));
    if (begun === null) throw unavailable();
    const added = loginCookie(begun.cookie.name, begun.cookie.value);
    redirect(exchange, begun.url, [...excessLoginCookies(cookie, added.length).map(endOfLoginCookie), added]);
  };

/** The place to return to after a refused sign-in, with the provider's code. */
const withError = (returnTo: string, error: string | null): string => {
  const url = new URL(returnTo);
  url.searchParams.set('sign_in', error !== null && /^[a-z_]{1,50}$/.test(error) ? error : 'failed');
  return url.href;
};

/** GET /auth/callback: the redirect URI. */
const callback =
  ({ signIn }: Sessions): Serve =>
  async (exchange) => {
    const result = await signIn.complete(searchIn(exchange), exchange.request.headers.cookie);
    switch (result.is) {
      case 'signed-in':
        redirect(exchange, result.returnTo, [sessionCookie(result.id), endOfLoginCookie(result.cookie)]);
        return;
      case 'refused':
        audit(exchange, 'sign-in refused');
        redirect(exchange, withError(result.returnTo, result.error), [endOfLoginCookie(result.cookie)]);
        return;
      case 'unknown':
        audit(exchange, 'no sign-in of this browser');
        throw badRequest(UNKNOWN_SIGN_IN);
      case 'unavailable':
        throw unavailable();
      default:
        result satisfies never;
    }
  };

/** POST /auth/logout, by a script of a page. */
const logout =
  ({ settings, signOut }: Sessions): Serve =>
  async (exchange) => {
    requireOwnPage(exchange.request, settings.origin);
    // Several are refused as a credential. None of them may stay signed in.
    const ticket = await signOut.byUser(cookiesIn(exchange.request.headers.cookie, SESSION_COOKIE));
    answerJson(
      exchange,
      200,
      { redirect: ticket === null ? null : `/auth/logout?ticket=${ticket}` },
      endOfSessionCookie,
    );
  };

/** GET /auth/logout?ticket=…: leads the browser to the provider's logout. */
const logoutAtProvider =
  ({ signOut }: Sessions): Serve =>
  async (exchange) => {
    const ticket = new URLSearchParams(searchIn(exchange)).get('ticket');
    const url = ticket === null ? null : await signOut.redeem(ticket);
    if (url === null) throw badRequest('Use POST to sign out.');
    redirect(exchange, url);
  };

const signedIn = (principal: Principal, { claims: chosen, idleS }: Sessions['settings']): object => {
  if (principal.kind !== 'user') return { signedIn: false };
  const { subject, claims = {} } = principal;
  return {
    signedIn: true,
    subject,
    claims: Object.fromEntries(chosen.flatMap((name) => (Object.hasOwn(claims, name) ? [[name, claims[name]]] : []))),
    expiresAt: new Date(1_000 * Number(claims.exp)).toISOString(),
    idleSeconds: idleS,
  };
};

/** GET /auth/session, by a script of a page. */
const session =
  ({ settings, authenticator }: Sessions, clock: Clock, timeoutMs: number): Serve =>
  async (exchange) => {
    const { request } = exchange;
    requireOwnPage(request, settings.origin);
    const credential = authenticator.credentialOf(callerOfExchange(exchange));
    if (credential === null) {
      answerJson(exchange, 200, { signedIn: false });
      return;
    }
    const own = new AbortController();
    const timer = clock.after(timeoutMs, () => own.abort());
    try {
      const found = await credential.verify(own.signal);
      if (found.is === 'unverifiable') throw unavailable();
      if (found.is === 'invalid') answerJson(exchange, 200, { signedIn: false }, endOfSessionCookie);
      else answerJson(exchange, 200, signedIn(found.principal, settings));
    } finally {
      timer.cancel();
    }
  };

/** POST /auth/backchannel-logout, by the provider (OpenID Connect Back-Channel Logout 1.0, 2.5 and 2.8). */
const backChannelLogout =
  ({ signOut }: Sessions): Serve =>
  async (exchange) => {
    const body = await receiveBody(exchange.request, MAX_FORM_BYTES);
    const [token, second] = new URLSearchParams(body.toString()).getAll('logout_token');
    const isOne = token !== undefined && second === undefined;
    const reason = isOne ? await signOut.byProvider(token) : 'one logout_token is required';
    if (reason === null) {
      exchange.answer(200, { 'cache-control': 'no-store' }, '');
      return;
    }
    audit(exchange, 'invalid logout token');
    answerJson(exchange, 400, { error: 'invalid_request', error_description: 'The logout token is invalid.' });
  };

/** Adds the paths of browser sessions. */
export const addSessionRoutes = (app: FastifyInstance, options: SessionRoutesOptions): void => {
  const { sessions, clock, limits, shedding, requestTimeoutMs } = options;
  // None of these requests is made for a principal: they count for the network of their client.
  const count = identification({
    authenticator: { credentialOf: () => null, close: () => {} },
    ...{ clock, limits, shedding, timeoutMs: requestTimeoutMs },
    isForeign: () => true,
  });
  const add = (method: 'GET' | 'POST', url: string, serve: Serve): void => {
    const run = async (exchange: Exchange): Promise<void> => {
      try {
        await count(exchange);
        await serve(exchange);
      } catch (error) {
        exchange.reject(error instanceof SessionsUnavailableError ? unavailable() : error);
      }
    };
    app.route({
      method,
      url,
      // Before Fastify reads the body.
      onRequest: (request, reply) => {
        reply.hijack();
        void run(request.exchange);
      },
      handler: () => {},
    });
  };
  add('GET', '/auth/login', login(sessions));
  add('GET', '/auth/callback', callback(sessions));
  add('GET', '/auth/session', session(sessions, clock, requestTimeoutMs));
  add('POST', '/auth/logout', logout(sessions));
  add('GET', '/auth/logout', logoutAtProvider(sessions));
  add('POST', '/auth/backchannel-logout', backChannelLogout(sessions));
};
