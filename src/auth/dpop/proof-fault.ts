/** Public reasons for which a proof is refused, without a part of it. */
const FAULTS = {
  missing: 'missing, or sent more than once',
  malformed: 'malformed or of an unsupported type',
  key: 'not signed with the key of the token',
  method: 'for another method',
  url: 'for another URL',
  token: 'for another token',
  time: 'too old, or from the future',
  replayed: 'used before',
} as const;

/** The closed set of faults of a DPoP proof. */
export type ProofFault = keyof typeof FAULTS;

/** A request without a valid DPoP proof for its token. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly fault: ProofFault;

  constructor(fault: ProofFault) {
    super(`Invalid DPoP proof: ${FAULTS[fault]}.`);
    this.fault = fault;
  }
}
