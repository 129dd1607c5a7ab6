import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import type { SessionSettings } from '../../../config/sessions.ts';
import { claimAt, names, subjectOf, words } from '../../tokens/claims.ts';

/** Tokens of the provider, with what the gateway reads of them. */
export interface Tokens {
  readonly issuer: string;
  readonly subject: string;
  /** Session at the provider, for its logout; null without one. */
  readonly sid: string | null;
  /** Claims of the ID token about the user. */
  readonly claims: Record<string, unknown>;
  readonly scopes: string[];
  readonly roles: string[];
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Seconds for which the access token is valid; null for one without an end. */
  readonly lifetimeS: number | null;
}

/** Tokens that a refresh replaces. */
export type KeptTokens = Omit<Tokens, 'lifetimeS'>;

/** A verified answer of the token endpoint. */
export type TokenAnswer = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** Claims about the token itself (OpenID Connect Core, 2), not about its user. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set([
  'aud',
  'exp',
  'iat',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'azp',
  'jti',
]);

const aboutUser = (claims: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !OF_THE_TOKEN.has(name)));

const TOKEN = /^[\x21-\x7e]+$/;

/** @throws Error for a token that cannot be a header's value */
const bearer = (token: string, type: string): string => {
  if (type.toLowerCase() !== 'bearer' || !TOKEN.test(token)) throw new Error('the access token is not a bearer token');
  return token;
};

/** The part of the tokens that an ID token gives. */
type OfUser = Pick<Tokens, 'subject' | 'sid' | 'claims' | 'roles'>;

const userOf = (claims: ReturnType<TokenAnswer['claims']>, roles: string, kept: KeptTokens | null): OfUser => {
  if (claims === undefined) {
    if (kept === null) throw new Error('the ID token is missing');
    return { subject: kept.subject, sid: kept.sid, claims: kept.claims, roles: kept.roles };
  }
  if (kept !== null && claims.sub !== kept.subject) throw new Error('the new ID token is of another user');
  return {
    subject: subjectOf(claims),
    sid: typeof claims.sid === 'string' ? claims.sid : (kept?.sid ?? null),
    claims: aboutUser(claims),
    roles: [...names(claimAt(claims, roles))],
  };
};

/**
 * Reads verified tokens. After a refresh, `kept` stays as far as the answer does not replace it.
 *
 * @throws Error without an ID token, and for one of another user (OpenID Connect Core, 12.2)
 */
export const tokensOf = (
  answer: TokenAnswer,
  settings: Pick<SessionSettings, 'issuer' | 'roles' | 'scope'>,
  kept: KeptTokens | null,
): Tokens => {
  const user = userOf(answer.claims(), settings.roles, kept);
  const idToken = answer.id_token ?? kept?.idToken;
  if (idToken === undefined) throw new Error('the ID token is missing');
  return {
    ...user,
    issuer: settings.issuer,
    // RFC 6749, 5.1: omitted if it is the requested one.
    scopes: answer.scope === undefined ? (kept?.scopes ?? [...words(settings.scope)]) : [...words(answer.scope)],
    idToken,
    accessToken: bearer(answer.access_token, answer.token_type),
    refreshToken: answer.refresh_token ?? kept?.refreshToken ?? null,
    lifetimeS: answer.expires_in ?? null,
  };
};
