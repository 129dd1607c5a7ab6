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

/** A client that is identified by its TLS certificate. */
export interface CertificateHolder {
  readonly kind: 'certificate';
  /** Distinguished name of the certificate's subject: `CN=billing,O=Shop`. Unique only together with the issuer. */
  readonly subject: string;
  /** Distinguished name of the authority. */
  readonly issuer: string;
  /** Subject alternative names, with their kind: `DNS:billing.internal`, `URI:spiffe://shop/billing`. */
  readonly names: readonly string[];
  /** Always empty: a certificate has no scopes. */
  readonly scopes: readonly string[];
  /** Always empty. */
  readonly roles: readonly string[];
  readonly claims?: never;
}

/** Identity of the caller: anonymous, a user, or the holder of a certificate. */
export type Principal = { readonly kind: 'anonymous' } | User | CertificateHolder;

export const ANONYMOUS: Principal = Object.freeze({ kind: 'anonymous' });

const sortedUnique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** The values of a key: of a user four, of a certificate three, so that they never have equal keys. */
const keyValues = (principal: User | CertificateHolder): readonly unknown[] => {
  const { issuer, subject } = principal;
  return principal.kind === 'user'
    ? [issuer, subject, sortedUnique(principal.scopes), sortedUnique(principal.roles)]
    : [issuer, subject, sortedUnique(principal.names)];
};

const hashed = (principal: User | CertificateHolder): string =>
  createHash('sha256')
    // JSON keeps adjacent values apart.
    .update(JSON.stringify(keyValues(principal)))
    .digest('base64url');

const keys = new WeakMap<User | CertificateHolder, string>();

/**
 * Returns the part of every cache, flight and limiter key that stands for this principal: `anonymous`, or a hash of
 * issuer, subject, scopes and roles, or of issuer, subject and names of a certificate. Two tokens of one user with the same rights in any order have the same key.
 */
export const principalKey = (principal: Principal): string => {
  if (principal.kind === 'anonymous') return 'anonymous';
  const known = keys.get(principal);
  if (known !== undefined) return known;
  const key = hashed(principal);
  keys.set(principal, key);
  return key;
};
