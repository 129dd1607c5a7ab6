/**
 * Public reasons for which a token is refused. They contain no part of the token or of the configuration, and no quotes
 * or backslashes, which RFC 6750 (3) excludes from `error_description`.
 */
export const TOKEN_FAULTS = {
  malformed: 'malformed or of an unsupported type',
  encrypted: 'encrypted tokens are not supported',
  expired: 'expired',
  'not yet valid': 'not valid yet',
  issuer: 'unknown issuer',
  audience: 'wrong audience',
  inactive: 'not active',
  binding: 'bound to a key in an unsupported way',
  bound: 'bound to a key, and must be sent with DPoP',
  unbound: 'not bound to a key, and must be sent as Bearer',
  certificate: 'bound to another client certificate',
  signature: 'not signed with a published key of its issuer',
} as const;

/** The closed set of faults of a token. */
export type TokenFault = keyof typeof TOKEN_FAULTS;

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
