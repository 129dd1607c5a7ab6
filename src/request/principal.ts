import { createHash } from 'node:crypto';

/** A user with a verified token. */
export interface User {
  readonly kind: 'user';
  /** The token's `sub`. Unique only together with the issuer. */
  readonly subject: string;
  /** The token's `iss`. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /**
   * All claims of the verified token; integers beyond 2^53 are strings of their digits. Not part of the principal's
   * key.
   */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Identity of the caller: anonymous, or a user. */
export type Principal = { readonly kind: 'anonymous' } | User;

export const ANONYMOUS: Principal = Object.freeze({ kind: 'anonymous' });

const sortedUnique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

const hashed = ({ issuer, subject, scopes, roles }: User): string =>
  createHash('sha256')
    // JSON keeps adjacent values apart.
    .update(JSON.stringify([issuer, subject, sortedUnique(scopes), sortedUnique(roles)]))
    .digest('base64url');

const keys = new WeakMap<User, string>();

/**
 * Returns the part of every cache, flight and limiter key that stands for this principal: `anonymous`, or a hash of
 * issuer, subject, scopes and roles. Two tokens of one user with the same rights in any order have the same key.
 */
export const principalKey = (principal: Principal): string => {
  if (principal.kind === 'anonymous') return 'anonymous';
  const known = keys.get(principal);
  if (known !== undefined) return known;
  const key = hashed(principal);
  keys.set(principal, key);
  return key;
};
