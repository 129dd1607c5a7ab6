import { z } from 'zod';
import { LOGIN_CLIENT, LOGIN_CLIENT_SECRET } from '../../../services-mock/login/provider-configuration.ts';
import { type RunningMock, startMock } from '../../../services-mock/start.ts';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import type { SessionEvent } from '../../../src/auth/sessions/session-events.ts';
import { openSessions, type Sessions } from '../../../src/auth/sessions/sessions.ts';
import { memorySessions } from '../../../src/auth/sessions/store/memory-sessions.ts';
import type { SessionStore } from '../../../src/auth/sessions/store/session-store.ts';
import { tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import { DEFAULT_REQUESTS } from '../../../src/config/egress/own-requests.ts';
import { type CurrentText, constantText } from '../../../src/config/secrets/secret-store.ts';
import type { SessionSettings } from '../../../src/config/sessions.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { RequestLimitOptions } from '../../../src/http/limits/exchange-limits.ts';
import { type PublicRig, publicRig, silent } from '../http/public-rig.ts';
import { freePort } from '../processes/ports.ts';
import { type CookieClient, cookieClient } from './cookie-client.ts';

export const SESSION_KEYS = Buffer.alloc(32, 7).toString('base64');

const Calls = z.object({ calls: z.array(z.object({ route: z.string(), status: z.number().nullable() })) });

export interface SessionGateway {
  readonly edge: PublicRig;
  readonly sessions: Sessions;
}

export interface SessionRig extends AsyncDisposable {
  readonly provider: RunningMock;
  /** Origin of the first gateway, at which browsers sign in. */
  readonly origin: string;
  /** The first is at `origin`. */
  readonly gateways: readonly SessionGateway[];
  readonly store: SessionStore;
  readonly events: readonly SessionEvent[];
  /** Advances the time of the gateways, not that of the provider. */
  advance(ms: number): void;
  /** Calls that the provider has received of this route. */
  callsOf(route: string): Promise<number>;
  /** Statuses of the provider's answers of this route; null for a call without one. */
  answersOf(route: string): Promise<readonly (number | null)[]>;
}

export interface SessionRigOptions {
  readonly gateways?: number;
  /** Default: one in memory, for all gateways. */
  readonly stores?: readonly SessionStore[];
  readonly settings?: Partial<SessionSettings>;
  readonly keys?: CurrentText;
  /** Life of access tokens. Default 300. */
  readonly tokenSeconds?: number;
  /** Public key of the gateway at the provider, as a JWK. Default: it has a secret. */
  readonly clientKey?: object;
  /** Default: the secret of the provider's client. */
  readonly secret?: string;
  readonly directEdge?: boolean;
  readonly config?: Parameters<typeof publicRig>[0];
  /** Default: none. */
  readonly limits?: RequestLimitOptions;
}

/** Starts an OpenID provider, and gateways with one store at which users sign in. */
export const sessionRig = async (options: SessionRigOptions = {}): Promise<SessionRig> => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { tokenSeconds = 300, clientKey, secret = LOGIN_CLIENT_SECRET } = options;
  const client = clientKey === undefined ? {} : { clientKey };
  const provider = await startMock('login', { gateway: origin, tokenSeconds, ...client });
  const events: SessionEvent[] = [];
  let offset = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + offset };
  const { stores = [memorySessions(clock)] } = options;
  const settings: SessionSettings = {
    ...{ issuer: provider.url, origin, scope: 'openid orders:read', keysVariable: 'KEYS' },
    client: { id: LOGIN_CLIENT, by: 'client_secret_basic', variable: 'SECRET', keyId: null },
    ...{ roles: 'roles', claims: ['name'], idleS: 1_800, absoluteS: 43_200 },
    ...options.settings,
  };
  const gateways: SessionGateway[] = [];
  for (let number = 0; number < (options.gateways ?? 1); number += 1) {
    const store = stores[number % stores.length];
    if (store === undefined) throw new Error('No store.');
    const sessions = openSessions({
      ...{ settings, store, clock, requests: DEFAULT_REQUESTS, log: silent },
      secretOf: (variable) =>
        variable === 'KEYS' ? (options.keys ?? constantText(SESSION_KEYS)) : constantText(secret),
      wallTime: () => Date.now() + offset,
      report: (event) => events.push(event),
    });
    const tokens = tokenAuthenticator({ issuers: [], clock: systemClock, log: silent });
    const edge = await publicRig(options.config, {
      ...{ sessions, authenticator: firstCredential([sessions.authenticator, tokens]) },
      directEdge: options.directEdge ?? true,
      ...(options.limits !== undefined && { limits: options.limits }),
      ...(number === 0 && { port }),
    });
    gateways.push({ edge, sessions });
  }
  const [store] = stores;
  if (store === undefined) throw new Error('No store.');
  const answersOf: SessionRig['answersOf'] = async (route) => {
    const log = Calls.parse(await (await fetch(`${provider.controlUrl}/__calls`)).json());
    return log.calls.filter((call) => call.route === route).map(({ status }) => status);
  };
  return {
    ...{ provider, origin, gateways, store, events, answersOf },
    advance: (ms) => {
      offset += ms;
    },
    callsOf: async (route) => (await answersOf(route)).length,
    [Symbol.asyncDispose]: async () => {
      for (const { edge, sessions } of gateways) {
        sessions.authenticator.close();
        await edge[Symbol.asyncDispose]();
      }
      await provider.close();
    },
  };
};

/** Follows a sign-in to the page of the provider, and chooses a customer. Returns the URL of the callback. */
export const chooseAtProvider = async (browser: CookieClient, loginUrl: string, account = 'c1'): Promise<string> => {
  const { url } = await browser.navigate(loginUrl);
  const chosen = await browser.request(url, { method: 'POST', body: new URLSearchParams({ account }) });
  const resumed = await browser.request(new URL(chosen.headers.get('location') ?? '', url).href);
  const callback = resumed.headers.get('location');
  if (callback === null) throw new Error(`The provider answered ${resumed.status}: ${await resumed.text()}`);
  return callback;
};

/** Signs a customer in, with a browser of its own by default. Returns the browser. */
export const signInAs = async (
  { origin }: Pick<SessionRig, 'origin'>,
  account = 'c1',
  browser = cookieClient(),
): Promise<CookieClient> => {
  const callback = await chooseAtProvider(browser, `${origin}/auth/login?return_to=/orders`, account);
  const answer = await browser.request(callback);
  if (answer.headers.get('location') !== `${origin}/orders`)
    throw new Error(`The callback answered ${answer.status}: ${await answer.text()}`);
  return browser;
};

const Result = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).default([]),
});

/** Runs a query as a script of the page of `origin`. */
export const query = async (browser: CookieClient, origin: string, text: string, at = origin) => {
  const answer = await browser.post(at, '/graphql', { query: text }, { origin });
  return { status: answer.status, ...Result.parse(await answer.json()) };
};

/** Ends the session at the provider, as another application of it would: by its pages. */
export const endAtProvider = async ({ provider }: SessionRig, browser: CookieClient): Promise<void> => {
  const page = await (await browser.request(`${provider.url}/session/end`)).text();
  const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(page) ?? [];
  const body = new URLSearchParams({ xsrf, logout: 'yes' });
  const answer = await browser.request(`${provider.url}/session/end/confirm`, { method: 'POST', body });
  if (answer.status !== 303) throw new Error(`The provider answered ${answer.status}: ${await answer.text()}`);
};
