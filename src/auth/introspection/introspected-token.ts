import { z } from 'zod';
import type { IntrospectionSettings } from '../../config/tokens/introspection.ts';
import { checkTimes, SKEW_SECONDS, subjectOf, userOf } from '../tokens/claims.ts';
import { type Confirmation, confirmationOf } from '../tokens/confirmation.ts';
import { TokenError } from '../tokens/token-fault.ts';
import type { ValidToken } from '../tokens/token-verifier.ts';

/** A response to a request about one token that is no introspection response (RFC 7662, 2.2). */
export class BadIntrospectionError extends Error {
  override readonly name = 'BadIntrospectionError';
}

/** An active token, with the end of its life in milliseconds since 1970; infinite without `exp`. */
export interface IntrospectedToken extends ValidToken {
  readonly expiresAt: number;
}

const Response = z.looseObject({ active: z.boolean() });

type Members = Readonly<Record<string, unknown>>;

const Times = z.looseObject({
  exp: z.number().exactOptional(),
  nbf: z.number().exactOptional(),
  iat: z.number().exactOptional(),
});

/** Types of access tokens. A server may also report a refresh token as active. */
const TYPES: readonly string[] = ['bearer', 'dpop'];

/** Subject of a client that acts for itself. No user has one with this beginning. */
const CLIENT_PREFIX = 'client:';

const holds = (audience: unknown, required: string): boolean =>
  audience === required || (Array.isArray(audience) && audience.includes(required));

const checkIssue = (members: Members, { issuer, audience }: IntrospectionSettings): void => {
  const { iss, aud, token_type: type } = members;
  if (iss !== undefined && iss !== issuer) throw new TokenError('issuer', 'iss is another one');
  if (audience !== null && !holds(aud, audience)) throw new TokenError('audience', 'aud has no configured audience');
  const isKnown = typeof type === 'string' && TYPES.includes(type.toLowerCase());
  // Without an audience, the type alone distinguishes access tokens from others.
  if (!isKnown && (type !== undefined || audience === null))
    throw new TokenError('malformed', 'token_type is another one');
};

/** The keys of a token. One of the type DPoP has a key for proofs (RFC 9449, 6.2): it is no bearer token without it. */
const bindingOf = (members: Members): Confirmation | null => {
  const confirmation = confirmationOf(members);
  const { token_type: type } = members;
  if (typeof type === 'string' && type.toLowerCase() === 'dpop' && confirmation?.jkt === undefined)
    throw new TokenError('binding', 'token_type is DPoP, and cnf has no jkt');
  return confirmation;
};

/** @returns the end of the token's life in milliseconds since 1970 */
const checkLife = (members: Members, now: number): number => {
  const { data: times } = Times.safeParse(members);
  if (times === undefined) throw new TokenError('malformed', 'exp, nbf or iat is no number');
  const { exp, nbf } = times;
  // RFC 7662 leaves `exp` to the server: a token without one ends with `ttlMs`.
  checkTimes({ ...times, exp: exp ?? now + 1 }, now);
  if (nbf !== undefined && nbf > now + SKEW_SECONDS) throw new TokenError('not yet valid', 'nbf is in the future');
  return exp === undefined ? Number.POSITIVE_INFINITY : exp * 1_000;
};

/**
 * The subject of a token: the user, or the client of a token without one (RFC 6749, 4.4). A client's id is prefixed: it
 * could equal the `sub` of a user (RFC 9700, 4.15).
 */
const subjectIn = (members: Members): string => {
  const { sub, client_id: client } = members;
  if (sub === undefined) return CLIENT_PREFIX + subjectOf({ sub: client });
  const subject = subjectOf({ sub });
  if (subject.startsWith(CLIENT_PREFIX)) throw new TokenError('malformed', 'sub begins as that of a client');
  return subject;
};

/**
 * Returns the token that a response describes; `now` in seconds since 1970.
 *
 * @throws TokenError for a token that is not active, or not for this gateway; BadIntrospectionError for another response
 */
export const introspectedToken = (
  response: unknown,
  settings: IntrospectionSettings,
  now: number,
): IntrospectedToken => {
  const { data: members } = Response.safeParse(response);
  // A text "true" is no boolean: the server is faulty, whatever it meant.
  if (members === undefined) throw new BadIntrospectionError('the response has no active of true or false');
  if (!members.active) throw new TokenError('inactive', 'active is false');
  checkIssue(members, settings);
  const expiresAt = checkLife(members, now);
  return {
    principal: userOf(members, subjectIn(members), settings),
    confirmation: bindingOf(members),
    expiresAt,
  };
};
