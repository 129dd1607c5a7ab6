import type { JWTPayload } from 'jose';
import type { IssuerSettings } from '../config/issuers.ts';
import type { Principal } from './principal.ts';
import { ClaimError } from './token-fault.ts';
import type { TokenClaims } from './token-form.ts';

/** How far the issuer's clock may be ahead of ours. */
export const SKEW_SECONDS = 5;

/** The end of the year 9999. */
const LATEST = 253_402_300_799;

/** As OpenID Connect bounds it. */
const MAX_SUBJECT_LENGTH = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** @throws ClaimError where the time of a signed token does not fit; `now` in seconds since 1970 */
const checkTimes = ({ exp, iat }: JWTPayload, now: number): void => {
  // No leeway here: whoever renews tokens in time needs none, and a token that has ended has ended.
  if (exp === undefined || !(exp > now)) throw new ClaimError('expired', 'expired');
  if (exp > LATEST) throw new ClaimError('malformed', 'an end beyond all times');
  if (iat !== undefined && iat > now + SKEW_SECONDS) throw new ClaimError('not yet valid', 'issued in the future');
};

const subjectOf = ({ sub }: JWTPayload): string => {
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_LENGTH)
    throw new ClaimError('malformed', 'a subject that is no name');
  if (CONTROL.test(sub) || !sub.isWellFormed()) throw new ClaimError('malformed', 'a subject with control characters');
  return sub;
};

const words = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
};

const names = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : words(value));

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** A claim by its name, which may have dots itself (`https://shop.example/roles`), or by names joined by dots. */
const claimAt = (claims: JWTPayload, path: string): unknown =>
  Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(own, claims);

/**
 * The principal of a verified token. Scopes are the words of `scope`, or of `scp` without one; a scope or role that is not text is
 * left out. `exact` are the same claims with the digits of large integers, for policies that compare them.
 *
 * @throws ClaimError that says which claim does not fit, and nothing of what is in it
 */
export const principalOfClaims = (
  claims: JWTPayload,
  issuer: IssuerSettings,
  now: number,
  exact: TokenClaims = claims,
): Principal => {
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
