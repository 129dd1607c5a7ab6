import type { JWTPayload } from 'jose';
import type { IssuerSettings } from '../../config/tokens/issuers.ts';
import type { User } from '../../request/principal.ts';
import { TokenError } from './token-fault.ts';
import type { TokenClaims } from './token-form.ts';

/** Maximum lead of the issuer's clock over the gateway's, in seconds. */
export const SKEW_SECONDS = 5;

/** The end of the year 9999, in seconds since 1970. */
const LATEST = 253_402_300_799;

/** Limit of OpenID Connect Core (section 2), in characters. */
const MAX_SUBJECT_LENGTH = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** @throws TokenError for an invalid time in a signed token; `now` in seconds since 1970 */
const checkTimes = ({ exp, iat }: JWTPayload, now: number): void => {
  // No leeway for `exp`: clients can renew their tokens in time.
  if (exp === undefined || !(exp > now)) throw new TokenError('expired', 'expired');
  if (exp > LATEST) throw new TokenError('malformed', 'exp is after the year 9999');
  if (iat !== undefined && iat > now + SKEW_SECONDS) throw new TokenError('not yet valid', 'iat is in the future');
};

const subjectOf = ({ sub }: JWTPayload): string => {
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH)
    throw new TokenError('malformed', 'sub is missing, empty or longer than 255 characters');
  if (CONTROL.test(sub) || !sub.isWellFormed()) throw new TokenError('malformed', 'sub has control characters');
  return sub;
};

const words = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
};

const names = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : words(value));

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/**
 * Returns the claim with the name `path`, which may contain dots (`https://shop.example/roles`); without one, the value
 * at the names joined by dots.
 */
const claimAt = (claims: JWTPayload, path: string): unknown =>
  Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(own, claims);

/**
 * Returns the principal of a verified token. Scopes are the words of `scope`, or else of `scp`; scopes and roles that
 * are not strings are dropped. `exact` are the same claims with the digits of large integers, for policies that compare
 * them.
 *
 * @throws TokenError that names the invalid claim, without its value
 */
export const principalOfClaims = (
  claims: JWTPayload,
  issuer: IssuerSettings,
  now: number,
  exact: TokenClaims = claims,
): User => {
  checkTimes(claims, now);
  return Object.freeze({
    kind: 'user',
    subject: subjectOf(claims),
    issuer: issuer.issuer,
    scopes: Object.freeze(words(own(claims, 'scope') ?? own(claims, 'scp'))),
    roles: Object.freeze(names(claimAt(claims, issuer.roles))),
    claims: Object.freeze(exact),
  });
};
