import type { AuthLog } from '../auth/auth-log.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { certificateAuthenticator } from '../auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../auth/certificates/connection-credential.ts';
import { firstCredential } from '../auth/first-credential.ts';
import { tokenAuthenticator } from '../auth/tokens/token-authenticator.ts';
import type { OwnRequests } from '../config/egress/own-requests.ts';
import type { RequiredSecret } from '../config/secrets/read-secrets.ts';
import type { SecretStore } from '../config/secrets/secret-store.ts';
import { type Env, type Settings, tokenSettings } from '../config/settings.ts';
import { privateKeyFault } from '../config/tokens/private-key.ts';
import { sharedSecretFault } from '../config/tokens/shared-secret.ts';
import { type Clock, wallTime } from '../core/clock.ts';

/** Returns the secrets that the authenticators of this environment require. */
export const authenticationSecrets = (env: Env): readonly RequiredSecret[] => {
  const { JWT_ISSUERS, TOKEN_INTROSPECTION } = tokenSettings(env);
  const ofIssuers = JWT_ISSUERS.flatMap(({ keys }): readonly RequiredSecret[] =>
    keys.by === 'secret'
      ? [{ variable: keys.variable, use: 'JWT_ISSUERS', faultOf: (text) => sharedSecretFault(text, keys.algorithm) }]
      : [],
  );
  if (TOKEN_INTROSPECTION === null) return ofIssuers;
  const { by, variable } = TOKEN_INTROSPECTION.client;
  const faultOf = by === 'private_key_jwt' ? privateKeyFault : () => null;
  return [...ofIssuers, { variable, use: 'TOKEN_INTROSPECTION', faultOf }];
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
}

/** Opens the authenticators of the configured kinds, in the order in which they are tried. */
export const openAuthentication = (
  { JWT_ISSUERS, TOKEN_INTROSPECTION }: Settings,
  { clock, log, requests, secrets, apiKeys = null }: AuthenticationDependencies,
): Authenticator =>
  connectionCredential(
    firstCredential([
      ...(apiKeys === null ? [] : [apiKeys]),
      // Last of the kinds in the Authorization header: it recognises every value, and refuses what it cannot read.
      tokenAuthenticator({
        issuers: JWT_ISSUERS,
        introspection: TOKEN_INTROSPECTION,
        ...{ clock, log, requests, secretOf: secrets?.text },
      }),
    ]),
    certificateAuthenticator(wallTime),
  );
