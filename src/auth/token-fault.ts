import { errors } from 'jose';
import { GatewayError } from '../core/errors.ts';

/**
 * Public reasons for which a token is refused. They contain no part of the token or of the configuration, and no quotes
 * or backslashes, which RFC 6750 (3) excludes from `error_description`.
 */
const FAULTS = {
  malformed: 'malformed or of an unsupported type',
  expired: 'expired',
  'not yet valid': 'not valid yet',
  issuer: 'unknown issuer',
  audience: 'wrong audience',
  signature: 'not signed with a published key of its issuer',
} as const;

/** The closed set of faults of a token. */
export type TokenFault = keyof typeof FAULTS;

/** An invalid claim in a correctly signed token. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  readonly fault: TokenFault;

  /** `message` names the claim, without its value. */
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
  // The claim has the wrong type.
  reason === 'invalid' ? 'malformed' : (FAULT_OF_CLAIM[claim] ?? 'malformed');

const faultOf = (error: unknown): TokenFault => {
  if (error instanceof ClaimError) return error.fault;
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error);
  const isOfKeys = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
  return isOfKeys ? 'signature' : 'malformed';
};

/** Returns UNAUTHENTICATED with this fault as its message. */
export const badToken = (fault: TokenFault, cause?: unknown): GatewayError =>
  new GatewayError('UNAUTHENTICATED', `Invalid token: ${FAULTS[fault]}.`, { cause });

/** Returns UNAUTHENTICATED for an error of the verification, which becomes its cause. */
export const badTokenBecause = (error: unknown): GatewayError => badToken(faultOf(error), error);
