import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { CurrentText } from '../../config/secrets/secret-store.ts';
import type { SessionSettings } from '../../config/sessions.ts';
import type { Clock } from '../../core/clock.ts';
import type { AuthLog } from '../auth-log.ts';
import { keySource } from '../jwt/key-source.ts';
import { openIdProvider } from './provider/openid-provider.ts';
import { renewal } from './renewal.ts';
import { type SessionAuthenticator, sessionAuthenticator } from './session-authenticator.ts';
import type { ReportSession } from './session-events.ts';
import { sessionSeal } from './session-seal.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { type SignOut, signOut } from './sign-out.ts';
import type { SessionStore } from './store/session-store.ts';

export interface SessionsOptions {
  readonly settings: SessionSettings;
  readonly store: SessionStore;
  /** Returns the value of a variable with a secret. */
  readonly secretOf: (variable: string) => CurrentText;
  readonly requests: Pick<OwnRequests, 'fetch'>;
  readonly clock: Clock;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
  readonly log: AuthLog;
  readonly report: ReportSession;
}

/** Browser sessions: the sign-in of users at an OpenID provider, and their cookies. */
export interface Sessions {
  readonly settings: SessionSettings;
  readonly authenticator: SessionAuthenticator;
  readonly signIn: SignIn;
  readonly signOut: SignOut;
}

/** Opens browser sessions. Nothing is requested before the first sign-in. */
export const openSessions = (options: SessionsOptions): Sessions => {
  const { settings, store, secretOf, clock, requests, log, report } = options;
  const time = options.wallTime === undefined ? {} : { wallTime: options.wallTime };
  const idleMs = 1_000 * settings.idleS;
  const absoluteMs = 1_000 * settings.absoluteS;
  const seal = sessionSeal(secretOf(settings.keysVariable), 'session');
  const loginSeal = sessionSeal(secretOf(settings.keysVariable), 'login');
  const provider = openIdProvider({
    ...{ settings, secretOf, requests, clock },
    report: (reason) => report({ is: 'provider-unavailable', reason }),
  });
  const keys = keySource({ issuer: settings.issuer }, clock, log, requests);
  const authenticator = sessionAuthenticator({
    renewal: renewal({ store, seal, provider, clock, idleMs, report, ...time }),
    clock,
    origin: settings.origin,
    ...time,
  });
  const ending = signOut({
    ...{ store, seal, provider, report, ...time },
    keys,
    client: { issuer: settings.issuer, clientId: settings.client.id },
    forget: authenticator.forget,
  });
  return {
    settings,
    authenticator: {
      ...authenticator,
      close: () => {
        authenticator.close();
        keys.close();
      },
    },
    signIn: signIn({ store, seal, loginSeal, provider, idleMs, absoluteMs, end: ending.end, report, ...time }),
    signOut: ending,
  };
};
