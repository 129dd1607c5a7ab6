import { isUtf8 } from 'node:buffer';
import { HMAC_ALGORITHMS } from '../../config/tokens/shared-secret.ts';
import { parseKeepingDigits } from '../../core/exact-json.ts';
import { ALGORITHMS } from '../tokens/algorithms.ts';
import type { Claims } from '../tokens/claims.ts';
import { TokenError } from '../tokens/token-fault.ts';

/** Token before verification: selects the issuer that must have signed it. */
export interface UnverifiedToken {
  /** The three parts, joined by dots. */
  readonly text: string;
  /** `kid` of the header. */
  readonly keyId: string | undefined;
  /** `iss` of the claims. */
  readonly issuer: string;
  readonly claims: Claims;
}

const READABLE: readonly string[] = [...ALGORITHMS, ...HMAC_ALGORITHMS];

/** RFC 7516, 7.1: the parts of an encrypted token. */
const ENCRYPTED_PARTS = 5;

const MAX_KEY_ID_LENGTH = 256;

/** Header parameters that change the signed content or its encoding (RFC 7515, 7516 and 7797). None is supported. */
const UNSUPPORTED = ['crit', 'b64', 'enc', 'zip'];

// Strict base64url. Buffer skips invalid characters and surplus bits, so that one token would have several forms.
const decoded = (part: string): Buffer | null => {
  if (!/^[\w-]+$/.test(part)) return null;
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
};

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectIn = (part: string): Claims | null => {
  const bytes = decoded(part);
  if (bytes === null || !isUtf8(bytes)) return null;
  try {
    const value = parseKeepingDigits(bytes.toString());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
};

const own = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;

/** Returns `iss` of a text with the form of a JWT, which may be no valid one; null for any other text. */
export const claimedIssuer = (text: string): string | null => {
  const parts = text.split('.');
  const claims = parts.length === 3 ? objectIn(parts[1] ?? '') : null;
  const issuer = claims === null ? undefined : own(claims, 'iss');
  return typeof issuer === 'string' ? issuer : null;
};

/**
 * Reads a token. Does no I/O.
 *
 * @throws Error that names the fault of its form, without its content
 */
export const readToken = (text: string): UnverifiedToken => {
  const [first = '', second = '', third = '', ...more] = text.split('.');
  if (3 + more.length === ENCRYPTED_PARTS) throw new TokenError('encrypted', 'encrypted');
  if (more.length > 0 || decoded(third) === null) throw new Error('not three parts in base64url');
  const header = objectIn(first);
  const claims = objectIn(second);
  if (header === null || claims === null) throw new Error('not JSON objects in base64url');
  return { text, claims, ...signerOf(header, claims) };
};

const signerOf = (header: object, claims: object): Omit<UnverifiedToken, 'text' | 'claims'> => {
  const algorithm = own(header, 'alg');
  if (typeof algorithm !== 'string' || !READABLE.includes(algorithm)) throw new Error('unsupported algorithm');
  const unsupported = UNSUPPORTED.find((name) => Object.hasOwn(header, name));
  if (unsupported !== undefined) throw new Error(`unsupported header parameter "${unsupported}"`);
  const keyId = own(header, 'kid');
  if (keyId !== undefined && (typeof keyId !== 'string' || keyId.length > MAX_KEY_ID_LENGTH))
    throw new Error('kid is not a text of at most 256 characters');
  const issuer = own(claims, 'iss');
  if (typeof issuer !== 'string') throw new Error('iss is missing');
  return { keyId, issuer };
};
