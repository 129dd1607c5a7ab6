import { createHash } from 'node:crypto';

/** Somebody whose token was verified. */
export interface User {
  readonly kind: 'user';
  /** The token's `sub`; means somebody only together with the issuer. */
  readonly subject: string;
  /** The token's `iss`. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** The verified token's claims, all of them; integers beyond 2^53 are strings of their digits. Of no meaning for who is the same principal. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Who is asking: nobody that we know, or a user. */
export type Principal = { readonly kind: 'anonymous' } | User;

export const ANONYMOUS: Principal = Object.freeze({ kind: 'anonymous' });

const sortedUnique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

const hashed = ({ issuer, subject, scopes, roles }: User): string =>
  createHash('sha256')
    // As JSON, so that no value can reach into its neighbour.
    .update(JSON.stringify([issuer, subject, sortedUnique(scopes), sortedUnique(roles)]))
    .digest('base64url');

const keys = new WeakMap<User, string>();

/**
 * What stands for this principal in the key of every cache, flight and limiter: `anonymous`, or a hash of issuer, subject,
 * scopes and roles. The same for two tokens of one user with the same rights, in whatever order these are listed, and
 * different as soon as one right differs.
 */
export const principalKey = (principal: Principal): string => {
  if (principal.kind === 'anonymous') return 'anonymous';
  const known = keys.get(principal);
  if (known !== undefined) return known;
  const key = hashed(principal);
  keys.set(principal, key);
  return key;
};
