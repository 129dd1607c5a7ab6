import type { AuthLog } from '../../auth/auth-log.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import { certificateAuthenticator } from '../../auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../../auth/certificates/connection-credential.ts';
import { MemoryUsedProofs, sharedUsedProofs, type UsedProofs } from '../../auth/dpop/used-proofs.ts';
import { firstCredential } from '../../auth/first-credential.ts';
import { tokenAuthenticator } from '../../auth/tokens/token-authenticator.ts';
import type { RedisConnection } from '../../cache/redis.ts';
import { redisAdd } from '../../cache/redis-add.ts';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { RequiredSecret } from '../../config/secrets/read-secrets.ts';
import type { SecretStore } from '../../config/secrets/secret-store.ts';
import { sessionKeysFault } from '../../config/sessions.ts';
import { type Env, type Settings, tokenSettings } from '../../config/settings.ts';
import type { OAuthClient } from '../../config/tokens/oauth-client.ts';
import { privateKeyFault } from '../../config/tokens/private-key.ts';
import { sharedSecretFault } from '../../config/tokens/shared-secret.ts';
import { type Clock, wallTime } from '../../core/clock.ts';
import { type OpenedSessions, openSessionsOf, type SessionParts } from './sessions.ts';

const clientSecret = ({ by, variable }: OAuthClient, use: string): RequiredSecret => ({
  variable,
  use,
  faultOf: by === 'private_key_jwt' ? privateKeyFault : () => null,
});

/** Returns the secrets that the authenticators of this environment require. */
export const authenticationSecrets = (env: Env): readonly RequiredSecret[] => {
  const { JWT_ISSUERS, TOKEN_INTROSPECTION, SESSIONS } = tokenSettings(env);
  const ofIssuers = JWT_ISSUERS.flatMap(({ keys }): readonly RequiredSecret[] =>
    keys.by === 'secret'
      ? [{ variable: keys.variable, use: 'JWT_ISSUERS', faultOf: (text) => sharedSecretFault(text, keys.algorithm) }]
      : [],
  );
  return [
    ...ofIssuers,
    ...(TOKEN_INTROSPECTION === null ? [] : [clientSecret(TOKEN_INTROSPECTION.client, 'TOKEN_INTROSPECTION')]),
    ...(SESSIONS === null
      ? []
      : [
          clientSecret(SESSIONS.client, 'the client of SESSIONS'),
          { variable: SESSIONS.keysVariable, use: 'the encryption of SESSIONS', faultOf: sessionKeysFault },
        ]),
  ];
};

export interface AuthenticationDependencies {
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Sends the requests to issuers. Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'>;
  /** Has the values of `authenticationSecrets`. Default: none. */
  readonly secrets?: Pick<SecretStore, 'text'>;
  /** Verifies API keys; null without a store of them. Default null. */
  readonly apiKeys?: Authenticator | null;
  /** Authenticator of browser sessions. Default: none. */
  readonly sessions?: Authenticator | undefined;
  /** Redis of all replicas. Default: none. */
  readonly redis?: RedisConnection | null;
}

const usedProofs = (clock: Clock, redis: RedisConnection | null): UsedProofs => {
  const own = new MemoryUsedProofs(clock);
  return redis === null ? own : sharedUsedProofs(own, redisAdd(redis, 'tributary:dpop'));
};

/** Opens the authenticators of the configured kinds, in the order in which they are tried. */
export const openAuthentication = (
  { JWT_ISSUERS, TOKEN_INTROSPECTION, PROTECTED_RESOURCE }: Settings,
  { clock, log, requests, secrets, apiKeys = null, sessions, redis = null }: AuthenticationDependencies,
): Authenticator =>
  connectionCredential(
    firstCredential([
      ...(sessions === undefined ? [] : [sessions]),
      ...(apiKeys === null ? [] : [apiKeys]),
      // Last of the kinds in the Authorization header: it recognises every value, and refuses what it cannot read.
      tokenAuthenticator({
        issuers: JWT_ISSUERS,
        introspection: TOKEN_INTROSPECTION,
        resource: PROTECTED_RESOURCE?.resource ?? null,
        usedProofs: usedProofs(clock, redis),
        ...{ clock, log, requests, secretOf: secrets?.text },
      }),
    ]),
    certificateAuthenticator(wallTime),
  );

/** What identifies callers. */
export interface Identity extends OpenedSessions {
  readonly authenticator: Authenticator;
}

/** Opens all authenticators, and the sessions of browsers. */
export const openIdentity = async (
  settings: Settings,
  parts: SessionParts & Pick<AuthenticationDependencies, 'apiKeys' | 'redis'>,
): Promise<Identity> => {
  const { sessions, close } = await openSessionsOf(settings, parts);
  const authenticator = openAuthentication(settings, { ...parts, sessions: sessions?.authenticator });
  return {
    authenticator,
    sessions,
    close: async () => {
      authenticator.close();
      await close();
    },
  };
};
