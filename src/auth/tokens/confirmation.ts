import { TokenError } from './token-fault.ts';

/** Keys of which the client must prove possession (RFC 7800): at least one. */
export interface Confirmation {
  /** Thumbprint of a key for DPoP (RFC 9449, 6). Absent for none. */
  readonly jkt?: string;
  /** SHA-256 of a client certificate (RFC 8705, 3.1), in base64url. Absent for none. */
  readonly x5t?: string;
}

const MEMBERS: readonly string[] = ['jkt', 'x5t#S256'];

const THUMBPRINT = /^[\w-]{43}$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const thumbprint = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !THUMBPRINT.test(value)) throw new TokenError('malformed', 'cnf has no SHA-256');
  return value;
};

/**
 * Returns the keys that a token is bound to, by its claim `cnf`; null for a bearer token.
 *
 * @throws TokenError for a confirmation by other means: a token is not accepted as less than what its issuer made of it
 */
export const confirmationOf = (claims: object): Confirmation | null => {
  const cnf: unknown = Object.hasOwn(claims, 'cnf') ? Reflect.get(claims, 'cnf') : undefined;
  if (cnf === undefined) return null;
  if (!isObject(cnf) || Object.keys(cnf).length === 0 || !Object.keys(cnf).every((name) => MEMBERS.includes(name)))
    throw new TokenError('binding', 'cnf has unsupported members');
  const [jkt, x5t] = [thumbprint(cnf.jkt), thumbprint(cnf['x5t#S256'])];
  return { ...(jkt !== undefined && { jkt }), ...(x5t !== undefined && { x5t }) };
};
