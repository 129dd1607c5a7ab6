import type { Caller } from '../authenticator.ts';
import type { PresentedToken } from './authorization.ts';
import type { Confirmation } from './confirmation.ts';
import { TokenError } from './token-fault.ts';

/** RFC 8705, 3: the token is bound to the certificate of the client's TLS connection. */
const checkCertificate = (x5t: string, { certificate }: Caller): void => {
  const presented =
    certificate === undefined ? null : Buffer.from(certificate.fingerprint, 'hex').toString('base64url');
  if (presented !== x5t) throw new TokenError('binding', 'the client certificate is another one');
};

/**
 * Checks that the caller has the keys that its token is bound to.
 *
 * @throws TokenError for a bound token without proof, and for an unbound one that claims to have a proof
 */
export const checkPossession = (
  confirmation: Confirmation | null,
  { scheme }: PresentedToken,
  caller: Caller,
): void => {
  const { jkt, x5t } = confirmation ?? {};
  if (jkt !== undefined || scheme === 'DPoP') throw new TokenError('binding', 'DPoP is not supported');
  if (x5t !== undefined) checkCertificate(x5t, caller);
};
