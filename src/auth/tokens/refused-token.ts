import { errors } from 'jose';
import type { Authentication } from '../authenticator.ts';
import { ProofError } from '../dpop/proof-fault.ts';
import { ALGORITHMS } from './algorithms.ts';
import type { TokenScheme } from './authorization.ts';
import { TOKEN_FAULTS, TokenError, type TokenFault } from './token-fault.ts';

const FAULT_OF_CLAIM: Readonly<Record<string, TokenFault>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not yet valid',
};

const faultOfClaim = ({ claim, reason }: errors.JWTClaimValidationFailed): TokenFault =>
  // The claim has the wrong type.
  reason === 'invalid' ? 'malformed' : (FAULT_OF_CLAIM[claim] ?? 'malformed');

const faultOf = (error: unknown): TokenFault => {
  if (error instanceof TokenError) return error.fault;
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error);
  const isOfKeys = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
  return isOfKeys ? 'signature' : 'malformed';
};

/** RFC 9449, 7.1 */
const ALGS = `algs="${ALGORITHMS.join(' ')}"`;

const refusal = (scheme: TokenScheme, code: string, message: string): Authentication => ({
  is: 'invalid',
  message,
  // RFC 6750, 3.1; RFC 9449, 7.1
  challenge: `${scheme} error="${code}", error_description="${message}"${scheme === 'DPoP' ? `, ${ALGS}` : ''}`,
});

/** Returns the refusal of a token, sent with a scheme, for an error of its verification. */
export const refusedToken = (error: unknown, scheme: TokenScheme): Authentication => {
  if (error instanceof ProofError) return refusal('DPoP', 'invalid_dpop_proof', error.message);
  const fault = faultOf(error);
  return refusal(fault === 'bound' ? 'DPoP' : scheme, 'invalid_token', `Invalid token: ${TOKEN_FAULTS[fault]}.`);
};
