import { errors } from 'jose';
import { GatewayError } from '../errors.ts';

/**
 * What may be wrong with a token, in the words that its sender reads: enough to know what to mend, nothing of what is in the
 * token or in the configuration. No quotes and no backslashes: RFC 6750 (3) keeps them out of `error_description`.
 */
const FAULTS = {
  malformed: 'it is malformed, or of another kind than is taken here',
  expired: 'it has expired',
  'not yet valid': 'it is not valid yet',
  issuer: 'its issuer is none that is believed here',
  audience: 'it is meant for another audience',
  signature: 'it was not signed with a key that its issuer publishes',
} as const;

/** The closed set of what may be wrong with a token. */
export type TokenFault = keyof typeof FAULTS;

/** A claim that does not fit, although the token was signed as it should be. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  readonly fault: TokenFault;

  /** `message` says which claim, and nothing of what is in it. */
  constructor(fault: TokenFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

const FAULT_OF_CLAIM: Readonly<Record<string, TokenFault>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not yet valid',
};

const faultOfClaim = ({ claim, reason }: errors.JWTClaimValidationFailed): TokenFault =>
  // Of the wrong type, rather than of a value that does not fit.
  reason === 'invalid' ? 'malformed' : (FAULT_OF_CLAIM[claim] ?? 'malformed');

const faultOf = (error: unknown): TokenFault => {
  if (error instanceof ClaimError) return error.fault;
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error);
  const isOfKeys = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
  return isOfKeys ? 'signature' : 'malformed';
};

/** UNAUTHENTICATED with this fault as its message. */
export const badToken = (fault: TokenFault, cause?: unknown): GatewayError =>
  new GatewayError('UNAUTHENTICATED', `The token is not valid: ${FAULTS[fault]}.`, { cause });

/** The same for whatever verifying a token has thrown, which stays its cause. */
export const badTokenBecause = (error: unknown): GatewayError => badToken(faultOf(error), error);
