import { hash } from 'node:crypto';
import type { Caller } from '../authenticator.ts';
import { TokenError } from './token-fault.ts';

/** `DPoP` promises a proof of possession (RFC 9449, 7.1). */
export type TokenScheme = 'Bearer' | 'DPoP';

/** The access token of an `Authorization` header. */
export interface PresentedToken {
  readonly scheme: TokenScheme;
  readonly text: string;
  /** SHA-256 of the text in base64url. */
  readonly hash: string;
}

/** Maximum length of a token: 8 KiB. */
const MAX_LENGTH = 8_192;

// RFC 6750, 2.1: b64token.
const FORM = /^(?:Bearer|DPoP) +([\w\-.~+/]+=*) *$/i;

/** Returns the Authorization header that is not empty; null without one. Some clients send an empty one without a login. */
export const authorizationOf = ({ valuesOf }: Caller): string | null =>
  valuesOf('authorization')?.find((value) => value.trim() !== '') ?? null;

/** Returns the scheme of a header: Bearer for any but DPoP. */
export const schemeOf = (authorization: string): TokenScheme => (/^DPoP( |$)/i.test(authorization) ? 'DPoP' : 'Bearer');

/** Reads a token of at most 8 KiB. @throws TokenError for another form, or another scheme */
export const readAuthorization = (authorization: string): PresentedToken => {
  if (authorization.length > MAX_LENGTH + 'Bearer '.length) throw new TokenError('malformed', 'longer than 8 KiB');
  const [, text] = FORM.exec(authorization) ?? [];
  if (text === undefined) throw new TokenError('malformed', 'not a single token');
  return {
    scheme: schemeOf(authorization),
    text,
    hash: hash('sha256', text, 'base64url'),
  };
};
