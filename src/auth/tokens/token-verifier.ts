import type { User } from '../../request/principal.ts';
import type { Confirmation } from './confirmation.ts';

/** A valid token. */
export interface ValidToken {
  readonly principal: User;
  /** The key that the token is bound to; null for a token that anyone who has it may use. */
  readonly confirmation: Confirmation | null;
}

/** The token cannot be verified now: keys or the introspection of its issuer are not available. */
export class UnverifiableTokenError extends Error {
  override readonly name = 'UnverifiableTokenError';
  readonly retryAfterS: number;
  /** True if the failure concerns this token only, as far as is known. */
  readonly isOfToken: boolean;

  constructor(message: string, retryAfterS: number, isOfToken = false) {
    super(message);
    this.retryAfterS = retryAfterS;
    this.isOfToken = isOfToken;
  }
}
