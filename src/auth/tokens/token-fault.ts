import { errors } from 'jose';
import type { Authentication } from '../authenticator.ts';

/**
 * Public reasons for which a token is refused. They contain no part of the token or of the configuration, and no quotes
 * or backslashes, which RFC 6750 (3) excludes from `error_description`.
 */
const FAULTS = {
  malformed: 'malformed or of an unsupported type',
  encrypted: 'encrypted tokens are not supported',
  expired: 'expired',
  'not yet valid': 'not valid yet',
  issuer: 'unknown issuer',
  audience: 'wrong audience',
  inactive: 'not active',
  binding: 'bound to a key that the request does not prove',
  signature: 'not signed with a published key of its issuer',
} as const;

/** The closed set of faults of a token. */
export type TokenFault = keyof typeof FAULTS;

/** A fault of a token, other than those that jose reports. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly fault: TokenFault;

  /** `message` names the fault, without any value of the token. */
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
  if (error instanceof TokenError) return error.fault;
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error);
  const isOfKeys = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
  return isOfKeys ? 'signature' : 'malformed';
};

/** Returns the refusal of a token for an error of its verification. */
export const refusedToken = (error: unknown): Authentication => {
  const message = `Invalid token: ${FAULTS[faultOf(error)]}.`;
  // RFC 6750, 3.1
  return { is: 'invalid', message, challenge: `Bearer error="invalid_token", error_description="${message}"` };
};
