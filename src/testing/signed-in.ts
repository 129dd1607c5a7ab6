import type { Principal } from '../request/principal.ts';

export interface SignedIn {
  readonly subject?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  /** Further claims of the token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Creates the principal of a user with a verified token, for `testBackend(module, scripts, { principal: signedIn({
 * subject: 'c1' }) })`.
 */
export const signedIn = ({ subject = 'somebody', scopes = [], roles = [], claims = {} }: SignedIn = {}): Principal => ({
  kind: 'user',
  subject,
  issuer: 'https://issuer.invalid',
  scopes,
  roles,
  claims,
});
