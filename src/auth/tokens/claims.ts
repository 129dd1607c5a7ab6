import type { User } from '../../request/principal.ts';
import { TokenError } from './token-fault.ts';

/** Claims of a token. Integers that a number cannot represent may be strings of their digits. */
export type Claims = Readonly<Record<string, unknown>>;

/** Maximum lead of the issuer's clock over the gateway's, in seconds. */
export const SKEW_SECONDS = 5;

/** The end of the year 9999, in seconds since 1970. */
const LATEST = 253_402_300_799;

/** Limit of OpenID Connect Core (section 2), in characters. */
const MAX_SUBJECT_LENGTH = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** @throws TokenError for an invalid time in a verified token; `now` in seconds since 1970 */
export const checkTimes = (
  { exp, iat }: { readonly exp?: number | undefined; readonly iat?: number | undefined },
  now: number,
): void => {
  // No leeway for `exp`: clients can renew their tokens in time.
  if (exp === undefined || !(exp > now)) throw new TokenError('expired', 'expired');
  if (exp > LATEST) throw new TokenError('malformed', 'exp is after the year 9999');
  if (iat !== undefined && iat > now + SKEW_SECONDS) throw new TokenError('not yet valid', 'iat is in the future');
};

export const subjectOf = ({ sub }: { readonly sub?: unknown }): string => {
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH)
    throw new TokenError('malformed', 'sub is missing, empty or longer than 255 characters');
  if (CONTROL.test(sub) || !sub.isWellFormed()) throw new TokenError('malformed', 'sub has control characters');
  return sub;
};

/** The words of a text between spaces, or the texts of a list. */
export const words = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
};

/** A text as a list, or the texts of a list. */
export const names = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : words(value));

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/**
 * Returns the claim with the name `path`, which may contain dots (`https://shop.example/roles`); without one, the value
 * at the names joined by dots.
 */
export const claimAt = (claims: Claims, path: string): unknown =>
  Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(own, claims);

/** The settings of an issuer that concern its principals. */
export interface PrincipalSettings {
  readonly issuer: string;
  /** The claim with the roles. */
  readonly roles: string;
}

/**
 * Returns the user of a verified token. Scopes are the words of `scope`, or else of `scp`; scopes and roles that are not
 * strings are dropped. `exact` are the same claims with the digits of large integers, for policies that compare them.
 */
export const userOf = (
  claims: Claims,
  subject: string,
  { issuer, roles }: PrincipalSettings,
  exact: Claims = claims,
): User =>
  Object.freeze({
    kind: 'user',
    subject,
    issuer,
    scopes: Object.freeze(words(own(claims, 'scope') ?? own(claims, 'scp'))),
    roles: Object.freeze(names(claimAt(claims, roles))),
    claims: Object.freeze(exact),
  });
