import type { Caller } from '../authenticator.ts';
import { checkProof, type ProofOptions } from '../dpop/proof.ts';
import type { PresentedToken } from './authorization.ts';
import { TokenError } from './token-fault.ts';
import type { ValidToken } from './token-verifier.ts';

/** RFC 8705, 3: the token is bound to the certificate of the client's TLS connection. */
const checkCertificate = (x5t: string, { certificate }: Caller): void => {
  const presented =
    certificate === undefined ? null : Buffer.from(certificate.fingerprint, 'hex').toString('base64url');
  if (presented !== x5t) throw new TokenError('certificate', 'the client certificate is another one');
};

/**
 * Checks that the caller has the keys that its token is bound to. Rejects with a ProofError, or with a TokenError for a
 * bound token without a proof, and for one that is not bound with the scheme DPoP (RFC 9449, 7.1); with an
 * UnverifiableTokenError while the user of the token has sent too many proofs.
 */
export const checkPossession = async (
  { principal: { issuer, subject }, confirmation }: ValidToken,
  token: PresentedToken,
  caller: Caller,
  options: ProofOptions,
): Promise<void> => {
  const { jkt, x5t } = confirmation ?? {};
  if (x5t !== undefined) checkCertificate(x5t, caller);
  if (jkt === undefined && token.scheme === 'DPoP') throw new TokenError('unbound', 'cnf has no jkt');
  if (jkt === undefined) return;
  if (token.scheme !== 'DPoP') throw new TokenError('bound', 'a bound token as a bearer token');
  await checkProof({ jkt, holder: JSON.stringify([issuer, subject]) }, token, caller, options);
};
