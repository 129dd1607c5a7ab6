import type { Authenticator } from '../auth/authenticator.ts';
import { certificateAuthenticator } from '../auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../auth/certificates/connection-credential.ts';
import { firstCredential } from '../auth/first-credential.ts';
import { jwtAuthenticator } from '../auth/jwt/jwt-authenticator.ts';
import type { AuthLog } from '../auth/jwt/key-source.ts';
import type { OwnRequests } from '../config/egress/own-requests.ts';
import type { RequiredSecret } from '../config/secrets/read-secrets.ts';
import type { SecretStore } from '../config/secrets/secret-store.ts';
import { type Env, listedIssuers, type Settings } from '../config/settings.ts';
import { sharedSecretFault } from '../config/tokens/shared-secret.ts';
import { type Clock, wallTime } from '../core/clock.ts';

/** Returns the secrets that the authenticators of this environment require. */
export const authenticationSecrets = (env: Env): readonly RequiredSecret[] =>
  listedIssuers(env).flatMap(({ keys }) =>
    keys.by === 'secret'
      ? {
          variable: keys.variable,
          use: 'JWT_ISSUERS',
          faultOf: (text: string) => sharedSecretFault(text, keys.algorithm),
        }
      : [],
  );

export interface AuthenticationDependencies {
  readonly clock: Clock;
  readonly log: AuthLog;
  /** Sends the requests to issuers. Default: to all but reserved addresses. */
  readonly requests?: Pick<OwnRequests, 'fetch'>;
  /** Has the values of `authenticationSecrets`. Default: none. */
  readonly secrets?: Pick<SecretStore, 'text'>;
}

/** Opens the authenticators of the configured kinds, in the order in which they are tried. */
export const openAuthentication = (
  { JWT_ISSUERS }: Settings,
  { clock, log, requests, secrets }: AuthenticationDependencies,
): Authenticator =>
  connectionCredential(
    firstCredential([
      // Last of the kinds in the Authorization header: it recognises every value, and refuses what it cannot read.
      jwtAuthenticator({ issuers: JWT_ISSUERS, clock, log, requests, secretOf: secrets?.text }),
    ]),
    certificateAuthenticator(wallTime),
  );
