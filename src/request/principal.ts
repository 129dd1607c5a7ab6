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

/** A program that is identified by an API key. */
export interface ApiKeyHolder {
  readonly kind: 'api-key';
  /** Public id of the key, which is part of its text. */
  readonly subject: string;
  /** Always `api-key`: every principal that is not anonymous has an issuer and a subject. */
  readonly issuer: 'api-key';
  /** The person, team or customer that the key was issued to. */
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** Name of the owner's plan. Absent for none. */
  readonly plan?: string;
  /** Expiry in milliseconds since 1970; absent for a key that does not expire. Not part of the principal's key. */
  readonly expiresAt?: number;
  readonly claims?: never;
}

/** Every principal but the anonymous one. */
export type IdentifiedPrincipal = User | CertificateHolder | ApiKeyHolder;

/** Identity of the caller: anonymous, a user, the holder of a certificate, or that of an API key. */
export type Principal = { readonly kind: 'anonymous' } | IdentifiedPrincipal;

export const ANONYMOUS: Principal = Object.freeze({ kind: 'anonymous' });

const sortedUnique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** The values of a key: their number differs between kinds, so that principals of two kinds never have equal keys. */
const keyValues = (principal: IdentifiedPrincipal): readonly unknown[] => {
  const { issuer, subject } = principal;
  switch (principal.kind) {
    case 'certificate':
      return [issuer, subject, sortedUnique(principal.names)];
    case 'user':
      return [issuer, subject, sortedUnique(principal.scopes), sortedUnique(principal.roles)];
    case 'api-key': {
      const { scopes, roles, owner, plan = null } = principal;
      return [issuer, subject, sortedUnique(scopes), sortedUnique(roles), owner, plan];
    }
  }
};

const hashed = (principal: IdentifiedPrincipal): string =>
  createHash('sha256')
    // JSON keeps adjacent values apart.
    .update(JSON.stringify(keyValues(principal)))
    .digest('base64url');

const keys = new WeakMap<IdentifiedPrincipal, string>();

/**
 * Returns the part of every cache, flight and limiter key that stands for this principal: `anonymous`, or a hash of
 * issuer, subject, scopes and roles; for a certificate, of issuer, subject and names; for an API key, of its id, scopes,
 * roles, owner and plan. Two tokens of one user with the same rights in any order have the same key.
 */
export const principalKey = (principal: Principal): string => {
  if (principal.kind === 'anonymous') return 'anonymous';
  const known = keys.get(principal);
  if (known !== undefined) return known;
  const key = hashed(principal);
  keys.set(principal, key);
  return key;
};
