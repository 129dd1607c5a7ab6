import type { Authenticator } from '../auth/authenticator.ts';
import { certificateAuthenticator } from '../auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../auth/certificates/connection-credential.ts';
import { firstCredential } from '../auth/first-credential.ts';
import { jwtAuthenticator } from '../auth/jwt/jwt-authenticator.ts';
import type { AuthLog } from '../auth/jwt/key-source.ts';
import type { OwnRequests } from '../config/egress/own-requests.ts';
import type { Settings } from '../config/settings.ts';
import { type Clock, wallTime } from '../core/clock.ts';

/** Opens the authenticators of the configured kinds, in the order in which they are tried. */
export const openAuthentication = (
  { JWT_ISSUERS }: Settings,
  clock: Clock,
  log: AuthLog,
  requests?: Pick<OwnRequests, 'fetch'>,
): Authenticator =>
  connectionCredential(
    firstCredential([
      // Last of the kinds in the Authorization header: it recognises every value, and refuses what it cannot read.
      jwtAuthenticator({ issuers: JWT_ISSUERS, clock, log, requests }),
    ]),
    certificateAuthenticator(wallTime),
  );
